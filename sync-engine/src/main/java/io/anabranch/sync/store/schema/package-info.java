// SPDX-License-Identifier: Apache-2.0
/**
 * What the tables of the application are, read from SQLite's catalogue: columns, keys, constraints, and the SQL that reads
 * rows. Internal: not for applications.
 */
@NullMarked
package io.anabranch.sync.store.schema;

import org.jspecify.annotations.NullMarked;
