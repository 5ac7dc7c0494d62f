/** The one IndexedDB of the page: what waits to be sent, what is kept to be read without a network, and the key of that. */

const NAME = 'tiantou'
const STORES = ['queue', 'kept', 'keys'] as const
export type Store = (typeof STORES)[number]

let opened: Promise<IDBDatabase> | null = null

function open(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((done, failed) => {
    const asked = indexedDB.open(NAME, 1)
    asked.onupgradeneeded = () => {
      for (const store of STORES) asked.result.createObjectStore(store)
    }
    asked.onsuccess = () => {
      // another tab with a newer page must not wait for this one
      asked.result.onversionchange = () => {
        asked.result.close()
        opened = null
      }
      done(asked.result)
    }
    asked.onerror = () => failed(asked.error ?? new Error('no IndexedDB'))
  }).catch((reason: unknown) => {
    opened = null
    throw reason
  })
  return opened
}

const answer = <T>(asked: IDBRequest<T>): Promise<T> =>
  new Promise((done, failed) => {
    asked.onsuccess = () => done(asked.result)
    asked.onerror = () => failed(asked.error ?? new Error('IndexedDB failed'))
  })

/** Writes are on the disk when this resolves, as far as a browser promises that. */
export async function write(store: Store, name: string, value: unknown): Promise<void> {
  const tx = (await open()).transaction(store, 'readwrite', { durability: 'strict' })
  await new Promise<void>((done, failed) => {
    tx.oncomplete = () => done()
    tx.onabort = () => failed(tx.error ?? new Error('IndexedDB is full'))
    tx.objectStore(store).put(value, name)
  })
}

/** Writes unless something is there already; gives what is there then. One transaction: of two at once, both get the first. */
export async function settleOn<T>(store: Store, name: string, value: T): Promise<T> {
  const tx = (await open()).transaction(store, 'readwrite', { durability: 'strict' })
  return new Promise<T>((done, failed) => {
    const asked = tx.objectStore(store).get(name) as IDBRequest<T | undefined>
    asked.onsuccess = () => {
      if (asked.result === undefined) tx.objectStore(store).put(value, name)
    }
    tx.oncomplete = () => done(asked.result ?? value)
    tx.onabort = () => failed(tx.error ?? new Error('IndexedDB is full'))
  })
}

export async function read<T>(store: Store, name: string): Promise<T | undefined> {
  return answer((await open()).transaction(store).objectStore(store).get(name) as IDBRequest<T | undefined>)
}

export async function all<T>(store: Store): Promise<T[]> {
  return answer((await open()).transaction(store).objectStore(store).getAll() as IDBRequest<T[]>)
}

export async function remove(store: Store, name: string): Promise<void> {
  await answer((await open()).transaction(store, 'readwrite').objectStore(store).delete(name))
}

export async function clear(store: Store): Promise<void> {
  await answer((await open()).transaction(store, 'readwrite').objectStore(store).clear())
}
