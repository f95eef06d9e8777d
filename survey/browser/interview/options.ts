// What whoever starts an interview decides about it: its mode and stratum, where the sealed answers go, who looks on.
import type { Draft } from "../answers/draft";
import type { Mode } from "../answers/payload";
import type { Outlet, Result } from "../delivery/contract";
import type { Texts } from "../documents/documents";
import type { Words } from "../documents/words";
import type { Documents } from "../pinned/manifest";
import type { Screen } from "../screen/page";
import type { Handover, Scene } from "../screen/scene";

export interface Options {
  mode: Mode;
  /** One of the questionnaire's strata. */
  stratum: string;
  outlet: Outlet;
  /** Fetches the same wave's documents in another language; throws DocumentsError. */
  load: (locale: string) => Promise<Documents>;
  /** What happens once everything is forgotten and the person leaves; unless given, the page vanishes. */
  leave?: () => void;
  /** Set in assisted mode: private items are handed over, and not shown again afterwards. */
  handover?: Handover;
  /** Called after every change of the screen. */
  shown?: (scene: Scene) => void;
  /** Replaces the last screen after `stored`, `kept`, `closed`, `refused` or `used`; undefined leaves it as it is. */
  last?: (result: Result, receipt: string, texts: Texts, words: Words) => Screen | undefined;
  /** Goes on from a draft, at the first item that has no answer. */
  draft?: Draft;
}
