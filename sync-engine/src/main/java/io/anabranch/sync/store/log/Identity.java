// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.log;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.sql.SqlDatabase;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;

/**
 * The origin under which a file writes, and when it takes another. What was sealed always keeps its own. Confined to one
 * connection; writes in the caller's transaction.
 */
public final class Identity {
    private final Path path;
    private final Meta meta;
    private final Origins origins;
    private final Place place;
    private final Random random;

    public Identity(Path path, Meta meta, Origins origins, Place place, Random random) {
        this.path = path;
        this.meta = meta;
        this.origins = origins;
        this.place = place;
        this.random = random;
    }

    /** Gives a new replica its first origin. */
    public void begin() {
        meta.put("secret", Origin.random(random).toString());
        renew();
    }

    /** Takes the identity out of a copy: whoever opens it gives it one of its own. */
    public static void leaveOut(SqlDatabase copy) {
        copy.execute("DELETE FROM _ab_meta WHERE name IN ('self', 'secret', 'exposed')");
        copy.execute("UPDATE _ab_origin SET mine = 0, seen = 0");
    }

    /** Returns whether this file is a backup that was not opened yet. */
    public boolean isLeftOut() {
        return meta.getBlob("self") == null && meta.getText("secret").isEmpty();
    }

    public Origin self() {
        byte[] self = meta.getBlob("self");
        if (self == null) {
            throw new SyncException.BadFile(
                    "cannot use " + path + ": its table _ab_meta lacks the replica's origin; restore a backup", null);
        }
        return Origin.of(self);
    }

    /** Returns why this may not be the only file that writes as it would; empty if all is as it was left. */
    public Optional<String> doubt() {
        return doubt(self());
    }

    private Optional<String> doubt(Origin origin) {
        return place.doubt(path, origin, secret(), origins.head(origin).seq());
    }

    /** Takes an origin that is this file's beyond doubt: one that it had before from here, or a new one. */
    public void change() {
        for (Origin own : place.origins(path)) {
            if (!doubt(own).isPresent()) {
                take(own);
                return;
            }
        }
        renew();
    }

    /** Takes a new origin. */
    public void renew() {
        Origin fresh = Origin.random(random);
        take(fresh);
        place.remember(path, fresh, secret(), 0);
    }

    private void take(Origin origin) {
        meta.put("self", origin.bytes());
        meta.put("exposed", 0);
        meta.put("context", VersionVector.EMPTY);
        origins.markMine(origin);
        origins.forgetSeen();
    }

    /** Returns whether own change sets up to {@code seq} are not yet known to have left the file. */
    public boolean isNews(long seq) {
        return seq > meta.getLong("exposed");
    }

    /** Notes that own change sets up to {@code seq} may leave the file: in it, and outside it. */
    public void expose(long seq) {
        // Asked again, now under the file's lock: another program that sends from this file may have gone further.
        if (isNews(seq)) {
            meta.put("exposed", seq);
            place.remember(path, self(), secret(), seq);
        }
    }

    private String secret() {
        return meta.getText("secret");
    }
}
