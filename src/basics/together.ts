/**
 * Work that many ask for and that serves all who had asked before it began: whoever comes while it runs shares the next run, so that
 * there are two at most however many ask. A failure is told to those who shared that run.
 */
export function together(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  function begin(): Promise<void> {
    next = undefined;
    running = work().finally(() => {
      running = undefined;
    });
    return running;
  }
  return () => {
    if (running === undefined && next === undefined) return begin();
    next ??= (running ?? Promise.resolve()).then(begin, begin);
    return next;
  };
}
