// SPDX-License-Identifier: Apache-2.0
/** The driver seam over SQLite JDBC; the only package that knows java.sql. */
@NullMarked
package io.anabranch.sync.jdbc;

import org.jspecify.annotations.NullMarked;
