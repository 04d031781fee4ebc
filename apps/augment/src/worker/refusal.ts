/** What the user can do something about: its message is shown as it is. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}
