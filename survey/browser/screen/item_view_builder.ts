// From the answer sheet and the texts to what one screen shows of them.
import type { Sheet } from "../answers/answer_sheet";
import { boundsOf } from "../answers/choices";
import { SPACE } from "../answers/constants";
import { shownLines, shownOptions } from "../answers/orders";
import type { Path, Stop } from "../answers/path";
import { itemText, piped } from "../answers/piping";
import type { Item } from "../documents/documents";
import type { Documents } from "../pinned/manifest";
import type { ItemView } from "./item_view";

type Actions = Pick<ItemView, "words" | "press" | "type" | "next" | "picture">;

/** Returns what the screen of `stop` is built from. */
export function itemView(sheet: Sheet, path: Path, stop: Stop, documents: Documents, actions: Actions): ItemView {
  const { texts, thresholds } = documents;
  const item = stop.items[0] as Item;
  const chosen = sheet.given.get(item.id);
  const text = itemText(texts, item.id, path.known);
  const group = stop.group && texts.groups?.[stop.group.id];
  const ranking = stop.group?.kind === "ranking";
  const threshold = thresholds[item.id];
  return {
    ...actions, item, text, texts, chosen,
    title: group ? piped(group, texts, path.known) : text.text,
    options: shownOptions(item, sheet.orders, chosen),
    lines: shownLines(item, sheet.orders, chosen).map((place) => text.lines?.[place] ?? ""),
    ranks: ranking ? sheet.ranks(stop) : [],
    places: ranking ? stop.items.length : 0,
    typed: sheet.typed(item),
    chance: threshold === undefined ? 0 : 1 - threshold / SPACE,
  };
}

/** Returns the numbers that a fault's words name. */
export function faultValues(item: Item): Record<string, number> {
  if (item.type !== "number") return { words: item.words ?? 0, length: item.length ?? 0 };
  const [low, high] = boundsOf(item);
  return { low, high };
}
