// deno-lint-ignore-file no-explicit-any ban-types -- of what Vue is given anything may be, and `{}` is what is left out
// What our components use of Vue, for the type checker only: a browser takes the real one, which NiceGUI serves.

/** The type of a prop where its constructor says too little: `cases: /** @type {PropType<Case[]>} *\/ (Array)`. */
export type PropType<T> = { new (...args: any[]): T & {} } | { (): T };

type ValueOf<P> = P extends { type: infer T }
  ? ValueOf<T>
  : P extends StringConstructor
    ? string
    : P extends NumberConstructor
      ? number
      : P extends BooleanConstructor
        ? boolean
        : P extends ArrayConstructor
          ? any[]
          : P extends ObjectConstructor
            ? Record<string, any>
            : P extends PropType<infer T>
              ? T
              : any;

type Props<P> = { readonly [K in keyof P]: ValueOf<P[K]> };
type Values<C> = { readonly [K in keyof C]: C[K] extends (...args: any[]) => infer R ? R : never };
type Merged<X> = (X extends any ? (each: X) => void : never) extends (all: infer All) => void ? All : unknown;
type Members<X> = X extends Component<infer Own> ? Own : unknown;

/** Names of events with what comes with each, `void` for nothing. */
export type Emits<V> = readonly (keyof V & string)[] & { readonly payloads?: V };

type Events<E extends readonly string[]> = "payloads" extends keyof E
  ? E extends Emits<infer V>
    ? { [K in keyof V]: V[K] extends void ? [] : [payload: V[K]] }
    : never
  : { [K in E[number]]: any[] };

type Instance<E extends readonly string[]> = {
  readonly $: { uid: number };
  readonly $el: HTMLElement;
  readonly $slots: Record<string, unknown>;
  readonly $refs: Record<string, any>;
  $emit<K extends keyof Events<E>>(event: K, ...payload: Extract<Events<E>[K], any[]>): void;
  $nextTick(then?: () => void): Promise<void>;
};

/** What `defineComponent` gives; `This` is what its methods see as `this`. */
export type Component<This> = { readonly __this?: This; setup?: any };
export type InstanceOf<C> = Members<C>;

type Hook = () => unknown;
type Handler = (now: any, before: any) => unknown;

/**
 * Options as they are written. `props` are what a parent gives, `setup` returns what is the component's own and not
 * watched (timers, observers), `data` what is watched.
 */
export function defineComponent<
  P = {},
  S = {},
  D = {},
  C = {},
  M = {},
  const E extends readonly string[] = [],
  X extends Component<any> = never,
>(
  options: {
    components?: Record<string, object>;
    mixins?: X[];
    extends?: X;
    props?: P;
    emits?: E;
    template?: string;
    setup?: (props: Props<P>, context: { emit: Instance<E>["$emit"] }) => S;
    data?: (this: Props<P> & S & Instance<E>) => D;
    computed?: C;
    methods?: M;
    watch?: Record<string, Handler | { handler: Handler; deep?: boolean; flush?: "post" | "sync" }>;
    created?: Hook;
    mounted?: Hook;
    beforeUpdate?: Hook;
    beforeUnmount?: Hook;
  } & ThisType<Props<P> & S & D & Values<C> & M & Instance<E> & Merged<Members<X>>>,
): Component<Props<P> & S & D & Values<C> & M & Instance<E> & Merged<Members<X>>>;

export function reactive<T extends object>(state: T): T;
export function nextTick(): Promise<void>;
