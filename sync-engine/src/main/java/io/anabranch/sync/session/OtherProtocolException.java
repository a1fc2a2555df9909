// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.crdt.codec.DecodeException;

/** A message of a protocol that is not understood here: of an older or a newer version of Anabranch. */
public final class OtherProtocolException extends DecodeException {
    private static final long serialVersionUID = 1;
    private static final int OFFSET = 2;

    private final int protocol;

    OtherProtocolException(int protocol) {
        super(
                OFFSET,
                MessageCodec.OLDEST_PROTOCOL == MessageCodec.PROTOCOL
                        ? "protocol " + MessageCodec.PROTOCOL
                        : "a protocol from " + MessageCodec.OLDEST_PROTOCOL + " to " + MessageCodec.PROTOCOL,
                "protocol " + protocol);
        this.protocol = protocol;
    }

    /** Returns the protocol of the message. */
    public int protocol() {
        return protocol;
    }

    /** Returns whether it is the sender that has to be updated. */
    public boolean isTooOld() {
        return protocol < MessageCodec.OLDEST_PROTOCOL;
    }
}
