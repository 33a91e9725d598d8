/** SIGHUP, by which a daemon is told to read its files again. */

/** What listens. */
export interface HangUp {
  /** `work` can be done from now on: it is done at once if a signal came before. */
  readonly begin: () => void;
  /** Stops listening: then the signal ends the process, as it does others. */
  readonly dispose: () => void;
}

/** Does `work` at every SIGHUP. One that comes before it can be done is not lost. */
export function onHangUp(work: () => void): HangUp {
  let hasBegun = false;
  let isDue = false;
  const hungUp = (): void => {
    if (hasBegun) work();
    else isDue = true;
  };
  process.on("SIGHUP", hungUp);
  return {
    begin: () => {
      hasBegun = true;
      if (isDue) work();
    },
    dispose: () => {
      process.off("SIGHUP", hungUp);
    },
  };
}
