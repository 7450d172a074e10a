/** A place of the page to be looked at. */
export interface ShownPlace {
  /** Of the file. */
  readonly name: string;
  /** After the `#`. */
  readonly place: string;
  /** What is there once there is something to see. */
  readonly ready: string;
}

/** Every view, on what screenshots.ts has stored and run. */
export const PLACES: readonly ShownPlace[] = [
  { name: 'runs', place: '/', ready: 'tr.run' },
  { name: 'runs-filtered', place: '/?phase=Failed,Error&text=success-rate', ready: 'tr.run' },
  { name: 'run-failed', place: '/runs/shop/release-3', ready: '.chart canvas' },
  { name: 'run-successful', place: '/runs/shop/release-2', ready: '.chart canvas' },
  { name: 'run-running', place: '/runs/shop/release-4', ready: '.chart canvas' },
  { name: 'run-hostile', place: '/runs/shop/hostile', ready: '.chart canvas' },
  { name: 'canary-failed', place: '/runs/shop/canary-3', ready: '.drawing svg' },
  { name: 'canary-successful', place: '/runs/shop/canary-2', ready: '.drawing svg' },
];
