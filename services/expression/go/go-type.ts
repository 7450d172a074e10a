/** Go's kinds, as `reflect` names them, of the types that conditions can meet. */
export type Kind =
  | 'bool'
  | 'int'
  | 'int64'
  | 'uint8'
  | 'uint64'
  | 'float64'
  | 'string'
  | 'slice'
  | 'array'
  | 'map'
  | 'struct'
  | 'func'
  | 'ptr'
  | 'interface';

export interface Method {
  readonly name: string;
  /** Of the method without its receiver. */
  readonly type: FuncType;
}

export interface FuncType extends GoType {
  readonly kind: 'func';
  readonly parameters: readonly GoType[];
  readonly results: readonly GoType[];
  readonly variadic: boolean;
}

/** A Go type. There is one object for each, so types are compared by identity. */
export interface GoType {
  /** As `%T` prints it. */
  readonly name: string;
  readonly kind: Kind;
  /** Declared with a name of its own in some package: what `type()` prints for it. */
  readonly path?: string;
  /** Of lists, maps and pointers. */
  readonly element?: GoType;
  readonly key?: GoType;
  /** Of structs, exported ones only. */
  readonly fields?: Readonly<Record<string, GoType>>;
  methods?: Readonly<Record<string, FuncType>>;
}

const types = new Map<string, GoType>();

function define<T extends GoType>(type: T): T {
  types.set(type.name, type);
  return type;
}

const basic = (kind: Kind & string): GoType => define({ name: kind, kind });

export const BOOL = basic('bool');
export const INT = basic('int');
export const INT64 = basic('int64');
export const UINT8 = basic('uint8');
export const UINT64 = basic('uint64');
export const FLOAT64 = basic('float64');
export const STRING = basic('string');
export const ANY = define({ name: 'interface {}', kind: 'interface' });
/** Go's `error`; only as a second result that is never looked at. */
const ERROR = define({ name: 'error', kind: 'interface' });

export function sliceOf(element: GoType): GoType {
  const name = `[]${element.name}`;
  return types.get(name) ?? define({ name, kind: 'slice', element });
}

function arrayOf(length: number, element: GoType): GoType {
  return define({ name: `[${length}]${element.name}`, kind: 'array', element });
}

function mapOf(key: GoType, element: GoType): GoType {
  return define({ name: `map[${key.name}]${element.name}`, kind: 'map', key, element });
}

function pointerTo(element: GoType): GoType {
  return define({ name: `*${element.name}`, kind: 'ptr', element });
}

export function funcOf(parameters: readonly GoType[], results: readonly GoType[], variadic = false): FuncType {
  const inside = parameters.map((type, index) =>
    variadic && index === parameters.length - 1 ? `...${type.element!.name}` : type.name,
  );
  const outside = results.map((type) => type.name).join(', ');
  const tail = results.length === 0 ? '' : results.length === 1 ? ` ${outside}` : ` (${outside})`;
  const name = `func(${inside.join(', ')})${tail}`;
  const known = types.get(name) as FuncType | undefined;
  return known ?? define({ name, kind: 'func', parameters, results, variadic });
}

export const ANY_LIST = sliceOf(ANY);
export const FLOAT_LIST = sliceOf(FLOAT64);
export const INT_LIST = sliceOf(INT);
export const STRING_LIST = sliceOf(STRING);
export const BYTES = sliceOf(UINT8);
export const STRING_MAP = mapOf(STRING, ANY);
export const ANY_MAP = mapOf(ANY, ANY);
export const GROUPS = mapOf(ANY, ANY_LIST);
export const PAIR = arrayOf(2, ANY);
export const PAIR_LIST = sliceOf(PAIR);
export const STRING_POINTER = pointerTo(STRING);

const EMPTY_STRUCT = define({ name: 'struct {}', kind: 'struct', fields: {} });
/** What the rewriter turns a list of literals into that only `in` looks at. */
export const INT_SET = mapOf(INT, EMPTY_STRUCT);
export const STRING_SET = mapOf(STRING, EMPTY_STRUCT);

export const DURATION = define<GoType>({ name: 'time.Duration', kind: 'int64', path: 'time.Duration' });
export const MONTH = define<GoType>({ name: 'time.Month', kind: 'int', path: 'time.Month' });
export const WEEKDAY = define<GoType>({ name: 'time.Weekday', kind: 'int', path: 'time.Weekday' });
export const TIME = define<GoType>({ name: 'time.Time', kind: 'struct', path: 'time.Time', fields: {} });
export const LOCATION = define<GoType>({ name: 'time.Location', kind: 'struct', path: 'time.Location', fields: {} });
export const LOCATION_POINTER = pointerTo(LOCATION);
export const TIME_LIST = sliceOf(TIME);

const CLOUDWATCH = 'github.com/aws/aws-sdk-go-v2/service/cloudwatch/types';
export const STATUS_CODE = define<GoType>({
  name: 'types.StatusCode',
  kind: 'string',
  path: `${CLOUDWATCH}.StatusCode`,
});
export const STATUS_CODE_LIST = sliceOf(STATUS_CODE);
export const MESSAGE_DATA = define<GoType>({
  name: 'types.MessageData',
  kind: 'struct',
  path: `${CLOUDWATCH}.MessageData`,
  fields: { Code: STRING_POINTER, Value: STRING_POINTER },
});
export const MESSAGE_DATA_LIST = sliceOf(MESSAGE_DATA);
export const METRIC_DATA_RESULT = define<GoType>({
  name: 'types.MetricDataResult',
  kind: 'struct',
  path: `${CLOUDWATCH}.MetricDataResult`,
  fields: {
    Id: STRING_POINTER,
    Label: STRING_POINTER,
    Messages: MESSAGE_DATA_LIST,
    StatusCode: STATUS_CODE,
    Timestamps: TIME_LIST,
    Values: FLOAT_LIST,
  },
});
export const METRIC_DATA_RESULT_LIST = sliceOf(METRIC_DATA_RESULT);

export const NRDB_RESULT = define<GoType>({
  name: 'nrdb.NRDBResult',
  kind: 'map',
  path: 'github.com/newrelic/newrelic-client-go/v2/pkg/nrdb.NRDBResult',
  key: STRING,
  element: ANY,
});
export const NRDB_RESULT_LIST = sliceOf(NRDB_RESULT);
export const STRING_MAP_LIST = sliceOf(STRING_MAP);

const of = (results: GoType | readonly GoType[], ...parameters: GoType[]): FuncType =>
  funcOf(parameters, Array.isArray(results) ? results : [results as GoType]);

TIME.methods = {
  Add: of(TIME, DURATION),
  AddDate: of(TIME, INT, INT, INT),
  After: of(BOOL, TIME),
  AppendFormat: of(BYTES, BYTES, STRING),
  Before: of(BOOL, TIME),
  Clock: of([INT, INT, INT]),
  Compare: of(INT, TIME),
  Date: of([INT, MONTH, INT]),
  Day: of(INT),
  Equal: of(BOOL, TIME),
  Format: of(STRING, STRING),
  GoString: of(STRING),
  Hour: of(INT),
  ISOWeek: of([INT, INT]),
  In: of(TIME, LOCATION_POINTER),
  IsDST: of(BOOL),
  IsZero: of(BOOL),
  Local: of(TIME),
  Location: of(LOCATION_POINTER),
  MarshalJSON: of([BYTES, ERROR]),
  MarshalText: of([BYTES, ERROR]),
  Minute: of(INT),
  Month: of(MONTH),
  Nanosecond: of(INT),
  Round: of(TIME, DURATION),
  Second: of(INT),
  String: of(STRING),
  Sub: of(DURATION, TIME),
  Truncate: of(TIME, DURATION),
  UTC: of(TIME),
  Unix: of(INT64),
  UnixMicro: of(INT64),
  UnixMilli: of(INT64),
  UnixNano: of(INT64),
  Weekday: of(WEEKDAY),
  Year: of(INT),
  YearDay: of(INT),
  Zone: of([STRING, INT]),
};
DURATION.methods = {
  Abs: of(DURATION),
  Hours: of(FLOAT64),
  Microseconds: of(INT64),
  Milliseconds: of(INT64),
  Minutes: of(FLOAT64),
  Nanoseconds: of(INT64),
  Round: of(DURATION, DURATION),
  Seconds: of(FLOAT64),
  String: of(STRING),
  Truncate: of(DURATION, DURATION),
};
MONTH.methods = { String: of(STRING) };
WEEKDAY.methods = { String: of(STRING) };
LOCATION_POINTER.methods = { String: of(STRING) };
STATUS_CODE.methods = { Values: of(STATUS_CODE_LIST) };

export function methodOf(type: GoType, name: string): FuncType | undefined {
  return type.methods !== undefined && Object.hasOwn(type.methods, name) ? type.methods[name] : undefined;
}

export function fieldOf(type: GoType, name: string): GoType | undefined {
  return type.fields !== undefined && Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;
}

/** Go's rule for the types here: the same type, or any type to `interface {}`. */
export function isAssignable(from: GoType, to: GoType): boolean {
  return from === to || to === ANY || (isUnnamed(from) !== isUnnamed(to) && hasSameShape(from, to));
}

function isUnnamed(type: GoType): boolean {
  return type.path === undefined && ['slice', 'array', 'map', 'func', 'ptr'].includes(type.kind);
}

/** A named map type and its literal form are assignable to each other. */
function hasSameShape(a: GoType, b: GoType): boolean {
  return a.kind === 'map' && b.kind === 'map' && a.key === b.key && a.element === b.element;
}
