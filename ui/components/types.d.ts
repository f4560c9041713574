// deno-lint-ignore-file no-explicit-any -- what the fields of the editor hold is known by their names only
// What the pages around our components offer, and what the server sends: names and kinds as the Python beside them says.

type PropType<T> = import("vue").PropType<T>;
type Emits<V> = import("vue").Emits<V>;
type InstanceOf<C> = import("vue").InstanceOf<C>;

/** An event whose target is known: it comes from a listener of the template. */
type On<E, T = HTMLElement> = E & { readonly target: T; readonly currentTarget: T };

interface Socket {
  connected: boolean;
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
}

interface Window {
  /** Where Beseda stands behind a proxy; known once the page is there. */
  path_prefix?: string;
  /** NiceGUI's. */
  socket?: Socket;
  /** What the gallery's head asked for before its script had come. */
  galleryAsked: { url: string; answer: Promise<Response> } | null;
}

interface WindowEventMap {
  "beseda:composer": CustomEvent<{ name: string }>;
  "beseda:actions": CustomEvent<{ dialog: DialogLine; button: HTMLElement }>;
  "beseda:dialog": CustomEvent<DialogLine>;
}

type Labels = Record<string, string>;

/** ui/components/bubbles.py */
interface ChatMessage {
  id: number;
  role: "user" | "assistant";
  state: string;
  name: string;
  avatar: string;
  time: string;
  moment: string;
  day: string;
  html: string;
  source: string;
  /** Of a running reply: what there is of it, and its length in code points. */
  text?: string;
  length: number;
  note: string;
  action: string;
  action_label: string;
  may?: string[];
  siblings?: [number, number];
  memory?: boolean;
}

/** What is typed in place of a message. */
interface Draft {
  id: number;
  text: string;
  source: string;
  client_id: string;
  busy: boolean;
  error: string;
  saved: boolean;
}

/** ui/components/dialog_lines.py */
interface DialogLine {
  id: number;
  name: string;
  title: string;
  snippet: string;
  picture: string;
  time: string;
  at: number;
  group: string;
  pinned: boolean;
  running: boolean;
  /** The message that was found. */
  found?: number | null;
}

/** ui/api/gallery_feed.py */
interface CharacterCard {
  id: number;
  name: string;
  url: string;
  picture: string;
  teaser: string;
  interests: string[];
  age_mark: string;
  badge: string;
  gender_sign: string;
  rating: string;
  votes: number;
  votes_words: string;
  talks: string;
  talks_words: string;
  chat_url: string;
  is_own: boolean;
  is_favourite: boolean;
}

/** ui/api/gallery_feed.py */
interface CardPage {
  cards: CharacterCard[];
  next: string | null;
  count: string;
  interests?: Interest[];
}

interface Interest {
  word: string;
  count?: number;
}

/** What the gallery shows, as its address says it. */
interface Question {
  tab: string;
  q: string;
  sort: string;
  gender: string;
  with: string[];
  without: string[];
  age: string[];
}

/** ui/components/admin_queue.py */
interface ReportCase {
  id: number;
  name: string;
  picture: string;
  complaint: string;
  note: string;
}

/** ui/api/news.py */
interface Announcement {
  id: number;
  text: string;
  level: string;
  dismissible: boolean;
}

/** ui/components/editor_form.py; what is typed in the editor, as it goes to the server. */
type Fields = Record<string, any>;

/** ui/components/admin_table.py */
interface Column {
  key: string;
  label: string;
  sort: string;
  number: boolean;
  cut: boolean;
}
interface Filter {
  name: string;
  label: string;
  kind: "search" | "number" | "select" | "date";
  options: [value: string, label: string][];
  hint: string;
}
type Cell = string | null | undefined | { chips?: unknown[]; [part: string]: unknown };

/** What of a photo is shown, and where its face is: in fractions of the photo. */
interface Cut {
  x: number;
  y: number;
  width: number;
  fx: number;
  fy: number;
}
/** What the server says of a photo: ui/api/pictures.py */
interface Uploaded {
  picture_id?: string;
  picture?: string;
  error?: string;
}
