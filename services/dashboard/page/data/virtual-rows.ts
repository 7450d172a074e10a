import {
  defaultRangeExtractor,
  observeWindowOffset,
  observeWindowRect,
  type VirtualItem,
  Virtualizer,
  type VirtualizerOptions,
  windowScroll,
} from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Rows beyond the ends of the window, so that scrolling meets rows that are there. */
const OVERSCAN = 12;

export interface VirtualRows {
  /** The rows to draw, in order; where they do not follow each other, a gap of the missing rows' height belongs. */
  readonly items: readonly VirtualItem[];
  readonly totalSize: number;
  scrollTo(index: number): void;
}

/** Which of many rows of known heights are near the window. `kept` is drawn wherever it is: the row that has the focus. */
export function useVirtualRows(
  place: RefObject<HTMLElement | null>,
  count: number,
  sizeOf: (index: number) => number,
  kept: number | undefined,
): VirtualRows {
  const [, redraw] = useState(0);
  const options: VirtualizerOptions<Window, Element> = {
    count,
    estimateSize: sizeOf,
    getScrollElement: () => window,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
    initialRect: { width: innerWidth, height: innerHeight },
    initialOffset: () => scrollY,
    scrollMargin: place.current === null ? 0 : place.current.getBoundingClientRect().top + scrollY,
    overscan: OVERSCAN,
    rangeExtractor(range) {
      const near = defaultRangeExtractor(range);
      if (kept === undefined || kept >= count || near.includes(kept)) return near;
      return [...near, kept].sort((one, other) => one - other);
    },
    onChange: () => redraw((turn) => turn + 1),
  };
  const held = useRef<Virtualizer<Window, Element>>(undefined);
  held.current ??= new Virtualizer(options);
  const virtualizer = held.current;
  virtualizer.setOptions(options);
  // Heights are asked for once and kept until it is told that they have changed.
  const measured = useRef(sizeOf);
  if (measured.current !== sizeOf) {
    measured.current = sizeOf;
    virtualizer.measure();
  }
  useEffect(() => virtualizer._didMount(), []);
  useLayoutEffect(() => virtualizer._willUpdate());
  const margin = options.scrollMargin ?? 0;
  return {
    items: virtualizer
      .getVirtualItems()
      .map((item) => ({ ...item, start: item.start - margin, end: item.end - margin })),
    totalSize: virtualizer.getTotalSize(),
    scrollTo: (index) => virtualizer.scrollToIndex(index, { align: 'auto' }),
  };
}
