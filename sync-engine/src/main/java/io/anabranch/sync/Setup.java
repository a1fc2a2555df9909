// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.store.ReplicaFile;
import java.util.List;

/** A file that is being made a replica, before anything of that is committed. Valid only there; confined to one thread. */
public final class Setup {
    private final ReplicaFile file;

    Setup(ReplicaFile file) {
        this.file = file;
    }

    /** As {@link Replica#enrol(String, TableRules)}. */
    public EnrolReport enrol(String table, TableRules rules) {
        return file.enrol(table, rules);
    }

    /** As {@link Replica#enrol(String, TableRules, EnrolProgress)}. */
    public EnrolReport enrol(String table, TableRules rules, EnrolProgress progress) {
        return file.enrol(table, rules, progress);
    }

    /** As {@link Replica#enrollableTables}. */
    public List<String> enrollableTables() {
        return file.reports().tables(true);
    }

    /** As {@link Replica#tablesWithoutPrimaryKey}. */
    public List<String> tablesWithoutPrimaryKey() {
        return file.reports().tables(false);
    }
}
