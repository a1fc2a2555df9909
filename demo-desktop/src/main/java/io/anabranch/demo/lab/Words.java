// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import io.anabranch.sync.change.Value;

/** Values and names as people read them. */
public final class Words {
    private static final int MOST_CHARACTERS = 40;
    private static final int WHOLE_ID = 12;
    private static final int SOME_OF_ID = 8;

    private Words() {}

    /** Returns a value: texts in quotation marks, and whole numbers without a fraction. */
    public static String of(Value value) {
        String text = value.toString();
        if (value instanceof Value.Null) {
            return "nothing";
        }
        if (value instanceof Value.Text) {
            return '"' + (text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS - 1) + "…") + '"';
        }
        return plain(text);
    }

    /** Returns a number without a fraction of zero. */
    static String plain(String number) {
        return number.endsWith(".0") ? number.substring(0, number.length() - 2) : number;
    }

    /** Returns an id, or some of it if nobody made it up. */
    public static String id(String id) {
        return id.length() <= WHOLE_ID ? id : id.substring(0, SOME_OF_ID);
    }
}
