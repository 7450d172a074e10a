import { formatFloat } from './go/format-value.ts';
import { isLetter, isLetterOrDigit, quote } from './go/text.ts';
import { WORD_OPERATORS } from './lexer.ts';
import type { BinaryNode, ConditionalNode, MemberNode, Node } from './node.ts';
import { BINARY, UNARY } from './operator.ts';

/**
 * A condition's text. Reading it again gives the same tree: parentheses stand wherever the reader could group otherwise.
 */
export function print(node: Node): string {
  switch (node.kind) {
    case 'nil':
      return 'nil';
    case 'identifier':
      return node.name;
    case 'integer':
      return String(node.value);
    case 'float':
      return printFloat(node.value);
    case 'bool':
      return String(node.value);
    case 'string':
      return printString(node.value);
    case 'bytes':
      return `b"${Array.from(node.value, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"`;
    case 'constant':
      return printConstant(node.value);
    case 'unary': {
      const operand = printOperand(node.operand, UNARY[node.operator].precedence);
      return node.operator === 'not' ? `not ${operand}` : node.operator + operand;
    }
    case 'binary':
      return printBinary(node);
    case 'chain':
      return print(node.node);
    case 'member':
      return printMember(node);
    case 'slice': {
      const from = node.from === undefined ? '' : printInside(node.from);
      const to = node.to === undefined ? '' : printInside(node.to);
      return `${printBase(node.object)}[${from}:${to}]`;
    }
    case 'call':
      return `${node.callee.kind === 'identifier' ? node.callee.name : print(node.callee)}(${node.args.map(printInside).join(', ')})`;
    case 'builtin':
      return `${node.name}(${node.args.map(printInside).join(', ')})`;
    case 'predicate':
      return `{${print(node.body)}}`;
    case 'pointer':
      return `#${node.name}`;
    case 'let':
      return `let ${node.name} = ${printInside(node.value)}; ${print(node.body)}`;
    case 'sequence':
      return node.nodes.map(printInside).join('; ');
    case 'conditional':
      return printConditional(node);
    case 'array':
      return `[${node.nodes.map(printInside).join(', ')}]`;
    case 'map':
      return `{${node.pairs.map(({ key, value }) => `${printKey(key)}: ${printInside(value)}`).join(', ')}}`;
  }
}

/** Where a whole expression stands, but no sequence, nor a `let` that would take in what follows. */
function printInside(node: Node): string {
  return node.kind === 'sequence' || node.kind === 'let' ? `(${print(node)})` : print(node);
}

/** Whether a node must be in parentheses to stand beside an operator that binds with `precedence`. */
function printOperand(node: Node, precedence: number): string {
  let level = Infinity;
  if (node.kind === 'binary') level = BINARY[node.operator].precedence;
  else if (node.kind === 'unary') level = UNARY[node.operator].precedence;
  else if (['conditional', 'let', 'sequence'].includes(node.kind)) level = -1;
  return level < precedence ? `(${print(node)})` : print(node);
}

function printBinary(node: BinaryNode): string {
  const { operator } = node;
  const parts: string[] = [];
  let left: Node = node;
  // Chains of one operator lean to the left; they are walked in a loop. Anything else that is no single operand is set
  // apart: how tightly it binds is best seen, not remembered.
  do {
    parts.push(` ${operator} ${printOperand(left.right, 1000)}`);
    left = left.left;
  } while (left.kind === 'binary' && left.operator === operator && !isRightOrOrdering(operator));
  return printOperand(left, 1000) + parts.reverse().join('');
}

function isRightOrOrdering(operator: string): boolean {
  return ['**', '^', '<', '>', '<=', '>='].includes(operator);
}

function printMember({ object, property, optional }: MemberNode): string {
  const base = printBase(object);
  // A name would join the chain before it; an index does not.
  const isByName = property.kind === 'string' && isName(property.value) && object.kind !== 'chain';
  if (isByName) return `${base}${optional ? '?.' : '.'}${property.value}`;
  return `${base}${optional ? '?.' : ''}[${printInside(property)}]`;
}

/** What an access or slice follows. */
function printBase(node: Node): string {
  const isBare = [
    'identifier',
    'member',
    'call',
    'builtin',
    'array',
    'map',
    'pointer',
    'slice',
    'string',
    'bytes',
    'chain',
  ];
  return isBare.includes(node.kind) ? print(node) : `(${print(node)})`;
}

function printConditional(node: ConditionalNode): string {
  const { alternative, condition, consequent } = node;
  if (!node.ternary) {
    const otherwise =
      alternative.kind === 'conditional' && !alternative.ternary
        ? printConditional(alternative)
        : `{ ${print(alternative)} }`;
    return `if ${printInside(condition)} { ${print(consequent)} } else ${otherwise}`;
  }
  return `${printOperand(condition, 0)} ? ${printOperand(consequent, 0)} : ${printOperand(alternative, 0)}`;
}

function printKey(key: Node): string {
  if (key.kind !== 'string') return `(${print(key)})`;
  return isName(key.value) ? key.value : printString(key.value);
}

function isName(text: string): boolean {
  const [first, ...rest] = text;
  return first !== undefined && isLetter(first) && rest.every(isLetterOrDigit) && !WORD_OPERATORS.has(text);
}

function printFloat(value: number): string {
  const text = formatFloat(value);
  return /^-?[0-9]+$/.test(text) ? `${text}.0` : text;
}

function printString(text: string): string {
  return quote(text);
}

/** Constants come from the rewriter; their text serves for comparison only. */
function printConstant(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner));
}
