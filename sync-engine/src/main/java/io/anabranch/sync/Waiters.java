// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;

/** Futures that complete once something holds of the file; each condition is looked at after every commit. Thread-safe. */
final class Waiters implements AutoCloseable {
    private final CommitWatch commits;
    private final List<Waiter> waiting = new CopyOnWriteArrayList<>();
    private boolean closed;

    Waiters(CommitWatch commits) {
        this.commits = commits;
    }

    /**
     * Returns a future that completes on the thread of the commits once {@code condition} holds, at once if it does now, and
     * exceptionally with what the condition throws, or when the replica is closed.
     */
    CompletableFuture<Void> when(BooleanSupplier condition) {
        Waiter waiter = new Waiter(condition);
        waiter.look();
        if (!waiter.future.isDone()) {
            add(waiter);
        }
        return waiter.future;
    }

    private synchronized void add(Waiter waiter) {
        if (closed) {
            throw new IllegalStateException("the replica is closed");
        }
        waiting.add(waiter);
        Subscription subscription = commits.add(waiter::look); // Which looks once more, now.
        waiter.whenDone(() -> {
            subscription.close();
            waiting.remove(waiter);
        });
    }

    @Override
    public synchronized void close() {
        closed = true;
        waiting.forEach(waiter ->
                waiter.future.completeExceptionally(new CancellationException("the replica was closed meanwhile")));
    }

    private static final class Waiter {
        private final BooleanSupplier condition;
        private final CompletableFuture<Void> future = new CompletableFuture<>();

        Waiter(BooleanSupplier condition) {
            this.condition = condition;
        }

        @SuppressWarnings("FutureReturnValueIgnored") // It can only say that the future is done.
        void whenDone(Runnable then) {
            future.whenComplete((done, failure) -> then.run());
        }

        void look() {
            try {
                if (!future.isDone() && condition.getAsBoolean()) {
                    future.complete(null);
                }
            } catch (RuntimeException e) {
                future.completeExceptionally(e);
            }
        }
    }
}
