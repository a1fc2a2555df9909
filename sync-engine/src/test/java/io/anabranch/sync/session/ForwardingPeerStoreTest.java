// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A replica that is served never compared digests, since those who stood before its file left out what had a default. */
class ForwardingPeerStoreTest {
    @Test
    void nothingThatAStoreAnswersIsLeftOut() throws NoSuchMethodException {
        for (Method method : PeerStore.class.getDeclaredMethods()) {
            if (!method.isSynthetic() && !isShort(method)) {
                assertThat(ForwardingPeerStore.class.getDeclaredMethod(method.getName(), method.getParameterTypes()))
                        .isNotNull();
            }
        }
    }

    /** Those are short for others, and call them. */
    private static boolean isShort(Method method) {
        return List.of("missing/2", "accept/1").contains(method.getName() + "/" + method.getParameterCount());
    }
}
