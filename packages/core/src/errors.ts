// The errors that Stria throws on purpose. Every message names what is at fault and ends with what to do about it.

/** Base of all errors thrown on purpose. `subject` is the op, layer path or file at fault; `remedy` what to do. */
export class StriaError extends Error {
  readonly subject: string;
  readonly remedy: string;
  #place: string | undefined;
  constructor(subject: string, fault: string, remedy: string, options?: ErrorOptions) {
    super(`${subject}: ${fault}. Remedy: ${remedy}.`, options);
    this.name = new.target.name;
    this.subject = subject;
    this.remedy = remedy;
  }

  /** Where in the model it happened: the path of a layer. */
  get place(): string | undefined {
    return this.#place;
  }

  /** @internal Puts the place before the message. The first call, from the innermost place, counts. */
  locate(place: string): void {
    if (this.#place !== undefined) return;
    this.#place = place;
    const { message, stack } = this; // the stack is made when it is first read, and begins with the message
    this.message = `${place}: ${message}`;
    if (stack !== undefined) this.stack = stack.replace(message, () => this.message);
  }
}

/** Shapes that do not fit, or an axis that is not there. */
export class ShapeError extends StriaError {}

/** An element type that an op does not take. */
export class DTypeError extends StriaError {}

/** An attribute (stride, padding, groups, ...) outside its range. */
export class AttributeError extends StriaError {}

/** A value used outside its trace, read inside one, or a function that cannot be traced. */
export class TraceError extends StriaError {}

/** A backend that is missing, lost, of another contract version, or lacks an op. */
export class BackendError extends StriaError {}

/** A tensor or a model whose memory was given up. */
export class DisposedError extends StriaError {}

/** Training or evaluation mode that was not chosen, or chosen wrongly. */
export class ModeError extends StriaError {}

/** A file or a state dict that is not what it should be. */
export class FormatError extends StriaError {}
