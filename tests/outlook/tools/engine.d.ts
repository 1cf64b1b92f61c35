// What the bare engine of classic Outlook is known to have beside the language and Office. Nothing
// of a page, nothing of a browser: what is not here does not compile.

declare function setTimeout(ring: () => void, ms: number): number;
declare function clearTimeout(timer: number): void;

declare class XMLHttpRequest {
  readonly status: number;
  readonly responseText: string;
  readonly responseURL: string | undefined;
  timeout: number;
  onload: () => void;
  onerror: () => void;
  ontimeout: () => void;
  onabort: () => void;
  open(method: string, url: string, later: true): void;
  setRequestHeader(name: string, value: string): void;
  send(body: string): void;
}

declare namespace OfficeRuntime {
  const storage:
    | {
        getItem(key: string): Promise<string | null>;
        setItem(key: string, value: string): Promise<void>;
        removeItem(key: string): Promise<void>;
      }
    | undefined;
  const auth: {
    getAccessToken(options: {
      allowSignInPrompt: boolean;
      allowConsentPrompt: boolean;
    }): Promise<string>;
  };
}
