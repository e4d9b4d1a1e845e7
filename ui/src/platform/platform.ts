//! What the window asks of its host. Everything above this folder knows only this interface.

import type { Action } from "../bindings/Action";
import type { BatchForm } from "../bindings/BatchForm";
import type { CheckupView } from "../bindings/CheckupView";
import type { CloseChoice } from "../bindings/CloseChoice";
import type { Details } from "../bindings/Details";
import type { DesktopState } from "../bindings/DesktopState";
import type { DropAnswer } from "../bindings/DropAnswer";
import type { DropZone } from "../bindings/DropZone";
import type { FieldProblem } from "../bindings/FieldProblem";
import type { FiguresView } from "../bindings/FiguresView";
import type { FolderList } from "../bindings/FolderList";
import type { FormReading } from "../bindings/FormReading";
import type { ImportFindings } from "../bindings/ImportFindings";
import type { LinkFormat } from "../bindings/LinkFormat";
import type { LinkKind } from "../bindings/LinkKind";
import type { Links } from "../bindings/Links";
import type { MoveTo } from "../bindings/MoveTo";
import type { PageTexts } from "../bindings/PageTexts";
import type { Pasted } from "../bindings/Pasted";
import type { ProfileForm } from "../bindings/ProfileForm";
import type { ReceiptFormat } from "../bindings/ReceiptFormat";
import type { ReceiptView } from "../bindings/ReceiptView";
import type { RecheckView } from "../bindings/RecheckView";
import type { SavedFile } from "../bindings/SavedFile";
import type { SavedProfile } from "../bindings/SavedProfile";
import type { SaveSecret } from "../bindings/SaveSecret";
import type { SecretsInput } from "../bindings/SecretsInput";
import type { Settings } from "../bindings/Settings";
import type { Target } from "../bindings/Target";
import type { TestOutcome } from "../bindings/TestOutcome";
import type { Update } from "../bindings/Update";
import type { Viewport } from "../bindings/Viewport";
import type { WatchFolder } from "../bindings/WatchFolder";
import type { WatchForm } from "../bindings/WatchForm";

/** What a profile dialog sends. A secret that is null or empty means: the one that is kept already. */
export interface ProfileDraft {
  readonly id: number | null;
  readonly form: ProfileForm;
  readonly secrets: SecretsInput;
}

/** The host of the window. Each promise rejects with a `Problem`. */
export interface Platform {
  /** What the page says, in every language. */
  readonly texts: readonly PageTexts[];
  /** Starts the stream of updates: a snapshot first. A later call takes the place of an earlier one. */
  subscribe(receive: (update: Update) => void): Promise<void>;
  /** Says which rows are shown. */
  setViewport(viewport: Viewport): Promise<void>;
  /** Says what is selected, under a number that the answer in the updates carries. */
  select(number: number, target: Target): Promise<void>;
  /** Does something with transfers. */
  act(action: Action, target: Target): Promise<void>;
  /** Moves files within their batches, in the order in which they are taken. */
  moveTransfers(target: Target, place: MoveTo): Promise<void>;
  /** Moves a batch among those with work left. */
  moveBatch(id: number, place: MoveTo): Promise<void>;
  /** Takes back what waits and can be undone. */
  undo(number: number): Promise<void>;
  /** Opens the system's dialog for files; resolves when it closes. */
  pickFiles(): Promise<void>;
  /** Opens the system's dialog for a folder; resolves when it closes. */
  pickFolder(): Promise<void>;
  /** Opens the system's dialog for a folder of a new watch, which the host keeps; resolves to how it is shown, or null where the dialog was closed. */
  pickWatchFolder(which: WatchFolder): Promise<string | null>;
  /** Begins to watch the folder that was picked; resolves to what is wrong, by field of the form: nothing is begun then. */
  addWatch(form: WatchForm): Promise<FieldProblem[]>;
  /** A watch as the form shows it, to be changed. */
  readWatch(id: number): Promise<WatchForm>;
  /** Gives a watch what the form says; its folder and its destination stay. Resolves as addWatch. */
  changeWatch(id: number, form: WatchForm): Promise<FieldProblem[]>;
  /** Lets a watch look for files no more, until it is resumed. */
  pauseWatch(id: number): Promise<void>;
  /** Lets a watch look for files again. */
  resumeWatch(id: number): Promise<void>;
  /** Makes a watch look at its whole folder now. */
  lookNow(id: number): Promise<void>;
  /** Ends a watch; what it queued goes on. */
  removeWatch(id: number): Promise<void>;
  /** Queues the files, or the picture, on the clipboard; resolves to what it was. */
  paste(): Promise<Pasted>;
  /** Shows a transfer's file in the file manager. */
  showInFolder(id: number): Promise<void>;
  /** Shows the folder of queue, settings and log in the file manager. */
  showDataFolder(): Promise<void>;
  /** Answers what shall become of the files on their way, because the window is to close. */
  answerClose(choice: CloseChoice, remember: boolean): Promise<void>;
  /** Takes back that Ferry quits once nothing is left to do. */
  stayOpen(): Promise<void>;
  /** The names of the network interfaces that have an address. */
  networkInterfaces(): Promise<string[]>;
  /** Says what the desktop around the window can do. */
  desktopState(): Promise<DesktopState>;
  /** Makes Ferry start with the session, or not. */
  setOpensAtLogin(opens: boolean): Promise<void>;
  /** Says what files added from now on shall be like; null ends it. Resolves to what is wrong, by field of the form; files are refused meanwhile. */
  stageBatch(form: BatchForm | null): Promise<FieldProblem[]>;
  /** Says whether an open dialog is in the way of files that are dropped: they are not taken then. */
  refuseDrops(refuse: boolean): Promise<void>;
  /** Says where in the page destinations stand on which files can be dropped, while some are held over it. */
  setDropZones(zones: readonly DropZone[]): Promise<void>;
  /** Says what becomes of a drop that is asked about, or still looked through. */
  answerDrop(id: number, answer: DropAnswer): Promise<void>;
  /** Makes links to what was uploaded. */
  makeLinks(target: Target, kind: LinkKind, format: LinkFormat): Promise<Links>;
  /** The folders in a folder of a profile's bucket; null where another list, or its end, ended it. */
  listFolders(profile: number, folder: string): Promise<FolderList | null>;
  /** Ends the list of folders that is under way. */
  endFolders(): Promise<void>;
  /** Makes a profile the one that new files go to. */
  chooseProfile(id: number): Promise<void>;
  /** Says what a form means. */
  readProfileForm(form: ProfileForm): Promise<FormReading>;
  /** Saves a profile, new where `id` is null. */
  saveProfile(draft: ProfileDraft, place: SaveSecret): Promise<SavedProfile>;
  /** Copies a profile; resolves to the copy's number. */
  duplicateProfile(id: number): Promise<number>;
  /** Deletes a profile and its secret. */
  deleteProfile(id: number): Promise<void>;
  /** Tries a write under the prefix and takes it back. */
  testProfile(draft: ProfileDraft): Promise<TestOutcome>;
  /** Looks for keys that other tools keep. Only when the user asks: it reads files outside of Ferry's own. */
  findImports(): Promise<ImportFindings>;
  /** Sets the window's settings. An empty password of the proxy keeps the one that is stored. */
  setSettings(settings: Settings, proxyPassword: string): Promise<void>;
  /** Looks for a newer version; resolves to whether there is one, of which a notice tells. */
  lookForUpdates(): Promise<boolean>;
  /** Fetches the newer version, to be installed when Ferry quits. */
  installUpdate(): Promise<void>;
  /** Opens the page of the newer version in the browser. */
  openReleasePage(): Promise<void>;
  /** Quits, and begins again with the newer version. */
  restartToUpdate(): Promise<void>;
  /** Asks what does not answer at once, instead of at the next try. */
  tryNow(): Promise<void>;
  /** Lets uploads run although the settings say that they wait. */
  uploadAnyway(): Promise<void>;
  /** Lets a held profile try again as it is. */
  releaseProfile(id: number): Promise<void>;
  /** Closes a notice. */
  dismissNotice(id: number): Promise<void>;
  /** What is to be told of a file beside its row; null once it is off the list. */
  readDetails(id: number): Promise<Details | null>;
  /** What became of a batch, and `limit` of its files from `offset` on. */
  readReceipt(batch: number, offset: number, limit: number): Promise<ReceiptView>;
  /** Begins to ask the store for each object of a batch. */
  beginRecheck(batch: number): Promise<void>;
  /** How far that has come; null where it was not begun. */
  readRecheck(batch: number): Promise<RecheckView | null>;
  /** Ends what was begun with a receipt: asking the store, and writing a file. */
  endReceiptWork(): Promise<void>;
  /** Writes a receipt where the user says in the system's dialog; resolves to null where that was closed. `readFiles` computes missing digests. */
  saveReceipt(batch: number, format: ReceiptFormat, readFiles: boolean): Promise<SavedFile | null>;
  /** How this run fares. */
  readFigures(): Promise<FiguresView>;
  /** Examines the addresses of a profile. */
  runDoctor(profile: number): Promise<CheckupView>;
  /** Writes diagnostics where the user says in the system's dialog; resolves to the file's path, or null where that was closed. */
  saveDiagnostics(): Promise<string | null>;
}
