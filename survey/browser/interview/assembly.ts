// Assembles an interview from the parts that differ between the page and the field kit: device, transport, documents.
import type { Documents } from "../pinned/manifest";
import { Frame } from "../screen/frame";
import type { Scene } from "../screen/scene";
import type { InterviewOptions } from "./options";

/** Follows an interview from screen to screen. */
export interface Observer {
  onScene(scene: Scene): void;
}

/** Options that depend on the device: on a shared device those of a turn, on a person's own phone those of leaving. */
export type Device = Pick<InterviewOptions, "mode" | "leave" | "handover" | "lastScreen"> & Partial<Observer>;

export interface Setting extends Pick<InterviewOptions, "stratum" | "hpke" | "transport" | "load"> {
  documents: Documents;
  device: Device;
  /** Ends everything when the back button is pressed on the first screen or the last. */
  leave: () => void;
}

export interface Assembled {
  options: InterviewOptions;
  frame: Frame;
}

/** Returns the options of an interview, and the frame around it, which sees every screen before the device does. */
export function assembled({ documents, device, leave, stratum, hpke, transport, load }: Setting): Assembled {
  const { audio = "" } = document.body.dataset;
  const frame = new Frame(leave, audio, documents.questionnaire.voice === true);
  return { frame, options: { ...device, stratum, hpke, transport, load, onScene: toEach(frame, device) } };
}

/** Returns a function that passes each scene to all of `observers`, in their order. */
export const toEach = (...observers: readonly (Partial<Observer> | null)[]) => (scene: Scene): void => {
  for (const observer of observers) observer?.onScene?.(scene);
};
