// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

/** What becomes of a row that one replica deletes while another edits it. Fixed for a life by its insert. */
public enum DeletePolicy {
    /** The edit keeps the row, with all its columns. */
    EDIT_WINS,
    /** The delete stands; the edit is lost. */
    DELETE_WINS
}
