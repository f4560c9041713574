// deno-lint-ignore-file no-explicit-any -- the types of the editor's fields are known by name only
// Type declarations: what the pages offer our components, and what the server sends, as the Python beside them has it.

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
  /** Beseda's path behind a proxy; known once the page is there. */
  path_prefix?: string;
  /** NiceGUI's. */
  socket?: Socket;
  /** What a chat's head has fetched (ui/chat/chat_log.py); a failure is null. */
  historyAsked?: { url: string; page: Promise<import("./chat/chat_paging.js").Page | null> } | null;
  /** What the gallery's head fetched before its script had loaded. */
  galleryAsked: { url: string; answer: Promise<Response> } | null;
}

interface WindowEventMap {
  "beseda:composer": CustomEvent<{ name: string }>;
  "beseda:actions": CustomEvent<{ dialog: DialogLine; button: HTMLElement }>;
  "beseda:dialog": CustomEvent<DialogLine>;
  /** Opens the chooser of card files. */
  "beseda:import": CustomEvent<void>;
  /** Characters have come in. */
  "beseda:imported": CustomEvent<void>;
}

type Labels = Record<string, string>;

/** ui/editor/editor_labels.py */
interface EditorOptions {
  tabs: { name: string; text: string; fields: string[] }[];
  wishes: { value: string; text: string }[];
  [field: string]: any;
}

/** ui/editor/versions_feed.py */
interface VersionLine {
  id: number;
  until: string;
  changed: string;
}
interface VersionsShown {
  lines: VersionLine[];
  note: string;
}
interface VersionChange {
  label: string;
  pieces: { mark: "same" | "removed" | "added" | "left_out"; text: string }[];
  apart: boolean;
}

/** ui/chat/bubbles.py */
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
  /** Of a running reply: the text so far, as HTML by paragraphs, lists, tables …; otherwise empty. */
  blocks: string[];
  /** Of the text, in code points. */
  length: number;
  note: string;
  /** What the model thought before it replied, for those who may see it. */
  thoughts: string;
  reference: string;
  action: string;
  action_label: string;
  may?: string[];
  /** "thumb-up", "thumb-down" or "". */
  feedback: string;
  /** The model does not read it. */
  hidden: boolean;
  siblings?: [number, number];
  /** The sibling below which the person had gone on talking, if nothing was said below this message yet; else 0. */
  goes_on_at: number;
  memory?: boolean;
  /** The old messages that its prompt quoted, those that mattered most first; the words for the first of them. */
  recalled: { message: number; date: string }[];
  recalled_words: string;
  recalled_more: string;
  /** Which entries of lorebooks stood in its prompt, and why, as far as the reader may know. */
  lore_words: string;
  lore: { name: string; why: string; text: string }[];
}

interface Edit {
  id: number;
  text: string;
  client_id: string;
}

/** The text typed in the inline editing of a message. */
interface Draft {
  /** Whether it is a reply of the character. */
  reply: boolean;
  id: number;
  text: string;
  source: string;
  client_id: string;
  busy: boolean;
  error: string;
  saved: boolean;
}

/** ui/cards/report_view.py */
interface CardReport {
  name: string;
  /** The file itself can be shown. */
  is_picture: boolean;
  /** What was drawn of one within an archive, as a data URL. */
  portrait: string;
  /** The portrait of those who have none. */
  generated: string;
  summary: string;
  /** "": it is a lorebook, which becomes a world. */
  gender: string;
  gender_note: string;
  age_mark: string;
  age_note: string;
  interests: string[];
  remarks: string[];
  parts: { label: string; size: string; texts: string[]; is_open: boolean }[];
  book: { summary: string; entries: { title: string; keys: string; is_on: boolean; text: string; size: string }[]; more: string } | null;
  kept: string[];
}
/** ui/cards/card_routes.py */
interface MadeCharacter {
  name: string;
  url: string;
  /** A world has neither. */
  edit_url?: string;
  chat_url?: string;
}
interface CardAnswer {
  /** 0: none came. */
  status: number;
  body: { report?: CardReport; made?: MadeCharacter; error?: string };
  /** Seconds until it is worth asking again. */
  wait: number;
}
/** A file on its way in. */
interface CardInFile {
  id: number;
  /** Told to the server, so that it is kept once however often it is sent. */
  key: string;
  file: File;
  name: string;
  state: "waiting" | "reading" | "ready" | "wanted" | "keeping" | "done" | "failed";
  /** Which state it goes back to when it is tried again; "": that would not help. */
  again: "" | "waiting" | "wanted";
  sentence: string;
  /** How often it broke off while others came through. */
  breaks: number;
  /** Whether an answer to its import was lost: it may be kept already. */
  isSent: boolean;
  /** Of the upload, from 0 to 1. */
  progress: number;
  report: CardReport | null;
  gender: string;
  age_mark: string;
  /** Places of the book's entries that were turned on or off. */
  turned: number[];
  made: MadeCharacter | null;
  /** The file as a picture that can be shown. */
  address: string;
  request: XMLHttpRequest | null;
}
interface ImportOptions {
  genders: { value: string; text: string }[];
  age_marks: string[];
}

/** ui/chat/memory/memory_words.py */
interface MemoryPin {
  id: number;
  text: string;
  /** The pinned message; 0: the person's own words. */
  message: number;
  where: string;
  /** From the model: it counts nowhere. */
  hidden: boolean;
  /** It is for another branch. */
  elsewhere: boolean;
  here: boolean;
}
interface MemoryFact {
  id: number;
  text: string;
  /** Which taught it; 0: written by hand. */
  message: number;
  source: string;
  mark: string;
  pinned: boolean;
  /** Another one holds instead. */
  replaced: boolean;
  /** Its message is still read word for word. */
  verbatim: boolean;
}
interface MemoryChapter {
  id: number;
  title: string;
  days: string;
  text: string;
  badge: string;
  running: boolean;
  /** With which it begins. */
  message: number;
  fault: string;
}
interface MemoryShown {
  bar: string;
  off: boolean;
  /** All of the chat is read word for word. */
  whole: boolean;
  /** Whether a long old talk is to be read; "": it need not be asked. */
  question: string;
  pins: MemoryPin[];
  /** Characters. */
  room: number;
  room_words: string;
  facts: MemoryFact[];
  chapters: MemoryChapter[];
  /** Those that a sum of them tells, as many as were asked for, and how many there are. */
  summed_up: MemoryChapter[];
  all_summed_up: number;
  recalled: { message: number; date: string; text: string; who: string }[];
  /** Estimated tokens of a prompt, 0: as usual; and those to choose from, in words. */
  size: number;
  sizes: [tokens: number, words: string][];
  cost: string;
}

/** What the person does with a dialog's memory, as it is sent to the server. */
interface Act {
  name: string;
  id: number;
  text: string;
  here: boolean;
}
/** The same, with what is said once it is done, and what takes it back. */
interface UndoableAct {
  act: Act;
  said: string;
  undo: Act | null;
}
/** Does it; the answer has a sentence if it was refused. */
type Ask = (act: Act) => Promise<{ error: string }>;

/** ui/chat/dialogs/dialog_lines.py */
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

/** ui/gallery/gallery_feed.py */
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
  language: string;
  language_words: string;
}

/** ui/gallery/gallery_feed.py */
interface CardPage {
  cards: CharacterCard[];
  next: string | null;
  count: string;
  interests?: Interest[];
  author: string;
  /** Which the characters are filtered by; "": any. */
  language: string;
  /** Nobody is in that language, but somebody is in another. */
  is_elsewhere: boolean;
}

interface Interest {
  word: string;
  count?: number;
}

/** The gallery's query, as in its address. */
interface Question {
  tab: string;
  q: string;
  sort: string;
  gender: string;
  language: string;
  author: string;
  with: string[];
  without: string[];
  age: string[];
}

/** ui/admin/moderation/report_queue.py */
interface ReportCase {
  id: number;
  name: string;
  picture: string;
  complaint: string;
  note: string;
}

/** ui/shell/announcement_feed.py */
interface Announcement {
  id: number;
  text: string;
  level: string;
  dismissible: boolean;
}

/** ui/editor/editor_form.py; the editor's values, as they are sent to the server. */
type Fields = Record<string, any>;

/** ui/books/book_shown.py: an entry as the table of a book shows it. */
type BookLine = [
  id: number,
  on: boolean,
  always: boolean,
  keys: string,
  title: string,
  excerpt: string,
  order: number,
  place: string,
  tokens: number,
  remark: string,
];
interface BookRow {
  readonly id: number;
  readonly on: boolean;
  /** It stands in every prompt. */
  readonly always: boolean;
  readonly keys: string;
  readonly title: string;
  readonly excerpt: string;
  readonly order: number;
  readonly place: string;
  readonly tokens: number;
  /** Why it never fires, or a key of it; "": nothing is wrong. */
  readonly remark: string;
  /** What a search looks through. */
  readonly sought: string;
}
interface BookShown {
  /** 0: there is none yet. */
  id: number;
  name: string;
  scan_depth: number | null;
  usual_depth: number;
  token_budget: number | null;
  usual_budget: number;
  is_recursive: boolean | null;
  shows_titles: boolean;
  revision: number;
  editable: boolean;
}
/** All of an entry, by the names of `EntryForm` (domain/books/entry_form.py). */
type Entry = Record<string, any>;
/** What was typed and not saved, and the version of the entry that it changes. */
interface EntryDraft {
  values: Entry;
  version: string;
  /** Of an entry as it was saved: why it never fires, or a key of it. */
  remark?: string;
}
/** What was sent to be saved: by which opening of the window, and where its draft is kept. */
interface EntrySave extends EntryDraft {
  id: number;
  place: number;
  opened: number;
}
/** What is to be done with a book: ui/books/book_editor.py. */
interface BookAct {
  name: string;
  ids: number[];
  values: Record<string, unknown>;
}
interface BookAnswer {
  error?: string;
  /** Which is refused. */
  field?: string;
  /** Of the book, once it is done. */
  revision?: number;
  rows?: BookLine[];
  /** As it was saved. */
  entry?: EntryDraft;
  /** What was to be changed is no longer there. */
  gone?: boolean;
  probe?: Probe;
  /** By field of an entry, the line of its text that decides it. */
  decided?: Record<string, string>;
  /** Of a book that is made now. */
  url?: string;
}
interface Probe {
  words: string;
  fired: ProbedEntry[];
  left_out: ProbedEntry[];
}
interface ProbedEntry {
  id: number;
  name: string;
  why: string;
}

/** ui/admin/shell/admin_table.py */
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

/** The crop of a photo, and the place of the face: in fractions of the photo. */
interface Cut {
  x: number;
  y: number;
  width: number;
  fx: number;
  fy: number;
}
/** The server's answer to an upload: ui/gallery/picture_routes.py */
interface Uploaded {
  picture_id?: string;
  picture?: string;
  error?: string;
}
