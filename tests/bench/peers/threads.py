"""Threads of one process that fill the rows of shared batches; for peers whose calls let go of Python's lock."""

import concurrent.futures
import threading

from work import Done, Peer

BATCHES = 2  # one that fills while the next is queued


def make_peer(contents, new_prepare, batches, work, versions):
    """`new_prepare()`, once a thread, gives what is called with (content, row). `batches`: BATCHES arrays."""
    pool = concurrent.futures.ThreadPoolExecutor(work.threads)
    local = threading.local()

    def fill(content, row):
        if not hasattr(local, "prepare"):
            local.prepare = new_prepare()
        local.prepare(content, row)

    def start(first, count, batch):
        return [pool.submit(fill, contents[(first + i) % len(contents)], batch[i]) for i in range(count)]

    def finish(tasks):
        for task in tasks:
            task.result()

    def run(passes):
        total = passes * len(contents)
        running = []
        for number, first in enumerate(range(0, total, work.batch)):
            # The next batch is queued before the last one is waited for: no thread idles between batches.
            queued = start(first, min(work.batch, total - first), batches[number % BATCHES])
            finish(running)
            running = queued
        finish(running)
        return Done(images=total)

    return Peer(run=run, versions=versions)
