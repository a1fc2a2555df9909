// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import java.util.Random;

/** Random SQL for the Chinook database that leaves no reference dangling where it is written. */
final class ChinookWrites {
    private final Random random;
    private int nextId;

    /** @param firstId from where on new rows are numbered, apart from those of other replicas */
    ChinookWrites(Random random, int firstId) {
        this.random = random;
        this.nextId = firstId;
    }

    /** Returns so many statements, some of them in transactions, some of which are rolled back. */
    String script(int statements) {
        StringBuilder script = new StringBuilder();
        for (int i = 0; i < statements; i++) {
            boolean inTransaction = random.nextInt(5) == 0;
            if (inTransaction) {
                script.append("BEGIN; ").append(statement()).append('\n');
            }
            script.append(statement());
            if (inTransaction) {
                script.append(random.nextInt(4) == 0 ? " ROLLBACK;" : " COMMIT;");
            }
            script.append('\n');
        }
        return script.toString();
    }

    private int upTo(int most) {
        return 1 + random.nextInt(most);
    }

    /** One of few, so that replicas meet in it. */
    private String track() {
        return "TrackId = (SELECT TrackId FROM Track ORDER BY TrackId LIMIT 1 OFFSET " + random.nextInt(40) + ")";
    }

    private String statement() {
        int id = nextId++;
        return switch (random.nextInt(16)) {
            case 0 ->
                "UPDATE Track SET Plays = Plays + " + upTo(5) + " WHERE TrackId % 100 = " + random.nextInt(100) + ";";
            case 1 -> "UPDATE Track SET Plays = Plays - 1, Name = 'name " + id + "' WHERE " + track() + ";";
            case 2 -> "UPDATE Track SET Tags = '[\"t" + upTo(4) + "\", \"t" + upTo(4) + "\"]' WHERE " + track() + ";";
            case 3 -> "UPDATE Track SET Composer = NULL, UnitPrice = " + upTo(9) + ".99 WHERE " + track() + ";";
            case 4 -> "UPDATE Track SET AlbumId = (SELECT max(AlbumId) FROM Album) WHERE " + track() + ";";
            case 5 ->
                "DELETE FROM InvoiceLine WHERE " + track() + "; DELETE FROM PlaylistTrack WHERE " + track()
                        + "; DELETE FROM Track WHERE " + track()
                        + " AND TrackId NOT IN (SELECT TrackId FROM InvoiceLine UNION SELECT TrackId FROM PlaylistTrack);";
            case 6 ->
                "INSERT INTO InvoiceLine SELECT " + id + ", min(InvoiceId), (SELECT TrackId FROM Track WHERE " + track()
                        + "), 0.99, 1 FROM Invoice;";
            case 7 -> "DELETE FROM InvoiceLine WHERE InvoiceLineId = " + upTo(60) + ";";
            case 8 ->
                "UPDATE InvoiceLine SET Quantity = Quantity + " + upTo(3) + " WHERE InvoiceLineId <= " + upTo(60) + ";";
            case 9 ->
                "INSERT OR IGNORE INTO PlaylistTrack SELECT max(PlaylistId), (SELECT TrackId FROM Track WHERE "
                        + track() + ") FROM Playlist;";
            case 10 -> "DELETE FROM PlaylistTrack WHERE " + track() + " AND PlaylistId = 1;";
            case 11 ->
                "UPDATE OR REPLACE PlaylistTrack SET PlaylistId = (SELECT max(PlaylistId) FROM Playlist) WHERE "
                        + track() + ";";
            case 12 -> "INSERT OR REPLACE INTO Genre VALUES (" + upTo(30) + ", 'genre " + id + "');";
            case 13 ->
                "UPDATE Customer SET City = 'city " + id + "', SupportRepId = (SELECT max(EmployeeId) FROM Employee)"
                        + " WHERE CustomerId <= " + upTo(5) + ";";
            case 14 ->
                "INSERT INTO Artist VALUES (" + id + ", 'artist'); INSERT INTO Album VALUES (" + id + ", 'album', " + id
                        + ");";
            default ->
                "DELETE FROM Album WHERE AlbumId > 347 AND AlbumId NOT IN (SELECT AlbumId FROM Track);"
                        + " DELETE FROM Artist WHERE ArtistId > 1000 AND ArtistId NOT IN (SELECT ArtistId FROM Album);";
        };
    }
}
