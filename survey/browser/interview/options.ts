// The options of an interview: mode, stratum, transport, observers.
import type { Draft } from "../answers/draft";
import type { Mode } from "../answers/payload";
import type { DeliveryResult, Transport } from "../delivery/contract";
import type { Texts } from "../documents/documents";
import type { Words } from "../documents/interface_texts";
import type { Documents } from "../pinned/manifest";
import type { Screen } from "../screen/page";
import type { Handover, Scene } from "../screen/scene";
import type { HpkeSeal } from "../sealing/hpke";

export interface InterviewOptions {
  mode: Mode;
  /** One of the questionnaire's strata. */
  stratum: string;
  hpke: HpkeSeal;
  transport: Transport;
  /** Fetches the same wave's documents in another language; throws DocumentsError. */
  load: (locale: string) => Promise<Documents>;
  /** Called after everything was deleted and the person leaves; by default the page is emptied. */
  leave?: () => void;
  /** Set in assisted mode: private items are handed over, and not shown again afterwards. */
  handover?: Handover;
  /** Called after every change of the screen. */
  onScene?: (scene: Scene) => void;
  /** Replaces the last screen after `stored`, `queued`, `closed` or `refused`; undefined leaves it as it is. */
  lastScreen?: (result: DeliveryResult, receipt: string, texts: Texts, words: Words) => Screen | undefined;
  /** Goes on from a draft, at the first item that has no answer. */
  draft?: Draft;
}
