// Which code seals: the browser's own where it proves itself, else a library, which is loaded only then.
import type { Bytes } from "../documents/bytes";
import { inTime } from "../documents/requests";
import type { HpkeSeal } from "./hpke";
import { isNativeRight, nativeSeal } from "./hpke_native";

/** The longest time for the browser's own seal and for the check of it, in milliseconds: 60 are usual on a slow phone. */
const NATIVE_MS = 3000;

/** The script of hpke_library.ts. */
export type HpkeLibrary = Pick<typeof import("./hpke_library"), "librarySeal">;

// Decision 150.
export class Sealer {
  private readonly load: () => Promise<HpkeLibrary>;
  private native: Promise<boolean> | null = null;
  private library: Promise<HpkeLibrary> | null = null;

  /** `load` fetches the library; it is called where the browser cannot seal by itself, and again after it failed. */
  constructor(load: () => Promise<HpkeLibrary>) {
    this.load = load;
  }

  /** Resolves once this page can seal; rejects where it needs the library, which did not come. */
  async ready(): Promise<void> {
    if (!(await this.isNative())) await this.loaded();
  }

  /** Seals; a browser whose own seal fails or does not come, after a check that was good, is not asked again. */
  readonly seal: HpkeSeal = async (key: Bytes, info: Bytes, plaintext: Bytes) => {
    if (await this.isNative()) {
      try {
        return await inTime(NATIVE_MS, () => nativeSeal(key, info, plaintext));
      } catch {
        this.native = Promise.resolve(false);
      }
    }
    return (await this.loaded()).librarySeal(key, info, plaintext);
  };

  private isNative(): Promise<boolean> {
    return (this.native ??= inTime(NATIVE_MS, isNativeRight).catch(() => false));
  }

  private loaded(): Promise<HpkeLibrary> {
    return (this.library ??= this.load().catch((error: unknown) => {
      this.library = null;
      throw error;
    }));
  }
}
