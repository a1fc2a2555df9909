// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.sql.SqlDriver;
import io.anabranch.sync.store.log.Place;
import java.security.SecureRandom;
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * What a replica takes from the machine that it runs on and the application that it is part of. Other platforms bring a driver of their own; a simulator brings all.
 *
 * @param driver opens SQLite files
 * @param place where it is kept, outside the files, which file is which
 * @param clock the wall clock, in milliseconds since 1970
 * @param random draws origins and secrets: it must not repeat what another replica ever drew
 * @param merges merge functions of the application
 */
public record Surroundings(SqlDriver driver, Place place, LongSupplier clock, Random random, MergeRules merges) {
    /** Surroundings without merge functions. */
    public Surroundings(SqlDriver driver, Place place, LongSupplier clock, Random random) {
        this(driver, place, clock, random, MergeRules.none());
    }

    /** Returns these surroundings with merge functions of the application. */
    public Surroundings with(MergeRules rules) {
        return new Surroundings(driver, place, clock, random, rules);
    }

    /** SQLite JDBC, the folder that ANABRANCH_STATE_DIR or the platform names, the system's clock, a secure random. */
    public static Surroundings ofThisMachine() {
        return new Surroundings(
                new JdbcDriver(), new Place(Place.defaultDirectory()), System::currentTimeMillis, new SecureRandom());
    }
}
