// What there is one of: the default backend. It lives under one versioned symbol, so that two copies of this package share it or refuse.
import { type Backend, contractVersion } from "../backend.ts";
import { BackendError } from "../errors.ts";
import { Session } from "./program.ts";

interface Runtime {
  readonly contractVersion: number;
  readonly sessions: WeakMap<Backend, Session>;
  backend: Backend | undefined;
}

const slot = Symbol.for("stria.runtime.v1");

function isRuntime(value: unknown): value is Runtime {
  return typeof value === "object" && value !== null && "sessions" in value && "contractVersion" in value;
}

function runtime(): Runtime {
  const found: unknown = Reflect.get(globalThis, slot);
  if (isRuntime(found)) {
    if (found.contractVersion !== contractVersion)
      throw new BackendError(
        "@stria/core",
        `two copies are loaded, with backend contracts ${found.contractVersion} and ${contractVersion}`,
        "make all packages use one version of @stria/core (npm ls @stria/core shows who brings which)",
      );
    return found;
  }
  const fresh: Runtime = { contractVersion, sessions: new WeakMap(), backend: undefined };
  Object.defineProperty(globalThis, slot, { value: fresh });
  return fresh;
}

/** Checks that a backend speaks this contract. @throws BackendError naming both versions. */
function checkContract(backend: Backend): void {
  const given: unknown = backend; // what JavaScript may pass
  if (typeof given !== "object" || given === null)
    throw new BackendError("useBackend", `${typeof given} is no backend`, "pass one that was made, such as cpu()");
  if (backend.contractVersion !== contractVersion)
    throw new BackendError(
      `backend "${backend.name}"`,
      `it was written for version ${backend.contractVersion} of the backend contract, @stria/core speaks version ${contractVersion}`,
      "install matching versions of the backend and @stria/core",
    );
}

/**
 * Makes a backend the default: where tensors go that are not on one yet, and where ops run.
 * @example await useBackend(cpu());
 */
export async function useBackend(backend: Backend | Promise<Backend>): Promise<Backend> {
  const made = await backend;
  checkContract(made);
  runtime().backend = made;
  return made;
}

/** @internal The default backend, if one was chosen. */
export function chosenBackend(): Backend | undefined {
  return runtime().backend;
}

/** The default backend. @throws BackendError when none was chosen. */
export function defaultBackend(): Backend {
  const backend = chosenBackend();
  if (!backend)
    throw new BackendError(
      "@stria/core",
      "no backend was chosen",
      "call `await useBackend(cpu())` first, with cpu from @stria/backend-cpu",
    );
  return backend;
}

/** The queue of a backend. */
export function sessionOf(backend: Backend): Session {
  const { sessions } = runtime();
  let session = sessions.get(backend);
  if (!session) {
    checkContract(backend);
    session = new Session(backend);
    sessions.set(backend, session);
  }
  return session;
}
