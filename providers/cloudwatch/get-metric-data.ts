import type {
  CloudWatchClient,
  CloudWatchServiceException,
  GetMetricDataCommandInput,
  GetMetricDataCommandOutput,
} from '@aws-sdk/client-cloudwatch';
import { awsIdentity, awsRegion } from '../aws.ts';
import { type Http, type HttpResponse, type ProviderCall, ProviderError } from '../contract.ts';
import { decodeJson } from '../go-json.ts';
import { isUrl } from '../go-url.ts';

/** Argo leaves a hanging question to the deadline of its process: there is none. */
const TIMEOUT_MS = 30_000;

type Call = Pick<ProviderCall<unknown>, 'setting' | 'http' | 'signal'>;

/** Asks CloudWatch with AWS's client, whose three tries are kept as Argo has them. Throws ProviderError in Argo's words. */
export async function getMetricData(call: Call, input: GetMetricDataCommandInput): Promise<GetMetricDataCommandOutput> {
  const { CloudWatchClient, GetMetricDataCommand } = await import('@aws-sdk/client-cloudwatch');
  const transport = new Transport(call.http);
  const client: CloudWatchClient = new CloudWatchClient({ ...(await clientOptions(call)), requestHandler: transport });
  try {
    return await client.send(new GetMetricDataCommand(input), { abortSignal: call.signal });
  } catch (error) {
    throw error instanceof ProviderError ? error : failure(error as Error, transport.last);
  } finally {
    client.destroy();
  }
}

async function clientOptions(call: Call) {
  const region = await awsRegion({}, call);
  const endpoint = call.setting('AWS_ENDPOINT_URL_CLOUDWATCH') || call.setting('AWS_ENDPOINT_URL');
  if (endpoint && !isUrl(endpoint))
    throw new ProviderError('refused', `AWS endpoint ${JSON.stringify(endpoint)} is not an http or https URL`);
  return { region, credentials: () => awsIdentity({}, region, call), ...(endpoint && { endpoint }) };
}

interface AwsRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** What carries the client's requests: the guarded HTTP of the call. */
class Transport {
  /** The newest answer: the client says little of one that it cannot read. */
  last: HttpResponse | undefined;
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  async handle({ method, protocol, hostname, port, path, headers, body }: AwsRequest) {
    const host = port === undefined ? hostname : `${hostname}:${port}`;
    const answer = await this.#http({
      ...{ method, url: `${protocol}//${host}${path}`, headers, timeoutMs: TIMEOUT_MS, deadline: 'context' },
      ...(body !== undefined && { body: bytes(body) }),
    });
    this.last = answer;
    return { response: { statusCode: answer.status, headers: { ...answer.headers }, body: Buffer.from(answer.body) } };
  }

  /** Nothing to close: the connections belong to the call. */
  destroy(): void {}
}

/** Go's text for what the client throws. */
function failure(error: Error, last: HttpResponse | undefined): ProviderError {
  if (last === undefined) return new ProviderError('refused', `${OPERATION}, ${error.message}`, { cause: error });
  const { status } = last;
  const requestId = (error as CloudWatchServiceException).$metadata?.requestId ?? '';
  const kind = status === 429 || status >= 500 || isThrottled(error) ? 'unavailable' : 'refused';
  const reason = unreadable(last) ?? `api error ${error.name}: ${error.message}`;
  const text = `${OPERATION}, https response error StatusCode: ${status}, RequestID: ${requestId}, ${reason}`;
  return new ProviderError(kind, text, { cause: error });
}

const OPERATION = 'operation error CloudWatch: GetMetricData';

/** AWS sends these with status 400. */
const isThrottled = ({ name }: Error): boolean => /Throttl|TooManyRequests|RequestLimitExceeded/.test(name);

function unreadable({ status, body }: HttpResponse): string | undefined {
  try {
    decodeJson(body);
    return undefined;
  } catch (error) {
    const reason = (error as Error).message;
    return status === 200 ? `deserialization failed, failed to decode response body, ${reason}` : undefined;
  }
}

/** The client's byte arrays warn of every use as text, Buffer.from on the array itself among them. */
function bytes(body: string | Uint8Array): Buffer {
  return typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}
