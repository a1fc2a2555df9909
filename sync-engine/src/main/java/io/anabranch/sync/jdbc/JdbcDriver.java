// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.jdbc;

import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Properties;
import org.sqlite.JDBC;

/** Opens SQLite files through SQLite JDBC. Thread-safe. */
public final class JdbcDriver implements SqlDriver {
    private static final String URL_PREFIX = "jdbc:sqlite:";

    @Override
    public SqlDatabase open(Path file, int busyTimeoutMillis) {
        return open(file.toAbsolutePath().toString(), busyTimeoutMillis);
    }

    /** SQLite would make a file beside one with a write-ahead log even to read it; where it cannot, it is told that nobody writes. */
    @Override
    public SqlDatabase openToRead(Path file, int busyTimeoutMillis) {
        Path absolute = file.toAbsolutePath();
        Path folder = absolute.getParent();
        boolean mayWriteBeside = folder == null || Files.isWritable(folder);
        return mayWriteBeside || hasLog(absolute) ? open(file, busyTimeoutMillis) : openImmutable(absolute);
    }

    /** What the log holds would be passed over. */
    private static boolean hasLog(Path file) {
        try {
            return Files.size(file.resolveSibling(file.getFileName() + "-wal")) > 0;
        } catch (IOException e) {
            return false;
        }
    }

    SqlDatabase openImmutable(Path absolute) {
        return open("file:" + absolute.toUri().getRawPath() + "?immutable=1", 0);
    }

    @Override
    public SqlDatabase openInMemory() {
        return open(":memory:", 0);
    }

    /**
     * Opens what SQLite knows by {@code name}.
     *
     * @param name a path, or a URI such as {@code file:/name?vfs=memdb}
     */
    public SqlDatabase open(String name, int busyTimeoutMillis) {
        Properties properties = new Properties();
        properties.setProperty("busy_timeout", Integer.toString(busyTimeoutMillis));
        properties.setProperty("jdbc.get_generated_keys", "false");
        try {
            return new JdbcDatabase(JDBC.createConnection(URL_PREFIX + name, properties));
        } catch (SQLException e) {
            throw JdbcDatabase.translate("opening " + name, e);
        }
    }
}
