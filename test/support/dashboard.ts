/** A live Assay with a real Prometheus, and its page in a browser. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Resource } from '../../services/domain/resource.ts';
import { sqliteStore } from '../../services/store/sqlite.ts';
import { ANALYSIS } from './api.ts';
import { type AssayServer, startAssay } from './assay-server.ts';
import { type OpenPage, type PageOptions, startBrowser } from './browser.ts';
import { type PrometheusServer, startPrometheus } from './prometheus.ts';

export interface Dashboard {
  readonly assay: AssayServer;
  readonly prometheus: PrometheusServer;
  /** Opens a place of the page, such as `/runs/shop/web`. */
  open(place: string, options?: PageOptions): Promise<Page>;
  /** What went wrong in the pages that were opened since this was asked last. */
  problems(): readonly string[];
  /** Closes the pages that are open, and answers what went wrong in them. */
  closePages(): Promise<readonly string[]>;
  /** Asks the server; throws when it refuses. */
  call(method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE', path: string, body?: object): Promise<unknown>;
  createRun(namespace: string, run: object): Promise<void>;
  /** Ends the server as a crash would, and starts it again on the same port and data. */
  crash(): Promise<void>;
  comeBack(): Promise<void>;
  stop(): Promise<void>;
}

export interface DashboardOptions {
  /** In the store before the server starts. */
  readonly documents?: readonly Resource[];
  /** What Prometheus knows: OpenMetrics text. */
  readonly history?: string;
}

export async function startDashboard({ documents = [], history }: DashboardOptions = {}): Promise<Dashboard> {
  const data = await mkdtemp(join(tmpdir(), 'assay-dashboard-'));
  await seed(data, documents);
  const [first, prometheus, browser] = await Promise.all([
    startAssay({ data }),
    startPrometheus(history === undefined ? {} : { history }),
    startBrowser(),
  ]);
  let assay = first;
  const opened: OpenPage[] = [];
  const call: Dashboard['call'] = async (method, path, body) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const answer = await fetch(assay.url + path, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': type } }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  return {
    get assay() {
      return assay;
    },
    prometheus,
    async open(place, options) {
      const page = await browser.open(`${assay.url}/#${place}`, options);
      opened.push(page);
      return page.page;
    },
    problems: () => opened.flatMap(({ problems }) => problems.splice(0)),
    async closePages() {
      const closing = opened.splice(0);
      await Promise.all(closing.map(({ page }) => page.context().close()));
      return closing.flatMap(({ problems }) => problems);
    },
    call,
    async createRun(namespace, run) {
      await call('POST', `${ANALYSIS}/namespaces/${namespace}/analysisruns`, {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'AnalysisRun',
        ...run,
      });
    },
    async crash() {
      await assay.program.stop('SIGKILL');
    },
    async comeBack() {
      assay = await startAssay({ data, port: Number(new URL(assay.url).port) });
    },
    async stop() {
      await Promise.all([browser.close(), assay.stop(), prometheus.stop()]);
      await rm(data, { recursive: true, force: true });
    },
  };
}

async function seed(folder: string, documents: readonly Resource[]): Promise<void> {
  if (documents.length === 0) return;
  const store = await sqliteStore(folder);
  await Promise.all(documents.map((document) => store.create(document)));
  await store.close();
}
