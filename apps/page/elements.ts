// Elements of the page, by id, of the type that they must be.

export function element<Type extends HTMLElement>(id: string, type: abstract new () => Type): Type {
  const found = document.querySelector(`#${id}`);
  if (!(found instanceof type)) throw new TypeError(`the page has no ${type.name} #${id}`);
  return found;
}

/** An element of a kind, with a class. */
export function make<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, className = ""): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  return made;
}

/** A drawing context of a canvas. */
export function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d");
  if (context === null) throw new TypeError("this browser draws on no canvas");
  return context;
}
