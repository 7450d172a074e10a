/** Visitors of the shop: so many orders a second, evenly, whether the shop is quick or not. */
export function sendVisitors(shopUrl: string, perSecond: number): { stop(): void } {
  if (perSecond <= 0) return { stop: () => {} };
  const timer = setInterval(() => {
    // A visitor who meets a closed door goes away; the shop's own metrics tell of the rest.
    fetch(`${shopUrl}/checkout`).then(
      (answer) => answer.body?.cancel(),
      () => undefined,
    );
  }, 1000 / perSecond);
  return { stop: () => clearInterval(timer) };
}
