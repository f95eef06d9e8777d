// Picture options: each picture is loaded, its hash compared with the pinned texts, and only then shown.
import { make } from "./dom";
import { answerButton, type ItemView } from "./item_view";

export function pictureOptions(view: ItemView): HTMLElement[] {
  return [make("div", { class: "pictures" }, ...view.options.map(({ code }) => pictureButton(view, code)))];
}

/** A picture's label is always visible; it is the accessible name until the picture is loaded, and if it fails. */
function pictureButton(view: ItemView, code: number): HTMLElement {
  const label = view.text.options[code] ?? "";
  const element = answerButton(view, code, "", "picture");
  const caption = make("span", { class: "caption" }, label);
  const frame = make("span", { class: "frame" });
  element.append(frame, caption);
  void view.picture(view.text.pictures?.[code] ?? "").then((file) => file && show(file, label, frame, caption));
  return element;
}

function show(file: Blob, label: string, frame: HTMLElement, caption: HTMLElement): void {
  const url = URL.createObjectURL(file);
  const image = make("img", { alt: label });
  image.addEventListener("load", () => {
    URL.revokeObjectURL(url);
    frame.append(image);
    // The picture's alternative text is now the name, so that it is not announced twice.
    caption.setAttribute("aria-hidden", "true");
  });
  image.addEventListener("error", () => URL.revokeObjectURL(url));
  image.src = url;
}
