// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.Origin;

/**
 * A column for which two rules were declared by those who did not know of each other. The first declaration holds everywhere; what
 * was written under the other stays in the log and shows nowhere. Immutable.
 *
 * @param rule that holds
 * @param by whose declaration that was; one that came with enrolling a table has an origin made of the table and its rows
 * @param losing the rule that does not hold
 * @param losingBy who declared that
 */
public record RuleConflict(String table, String column, String rule, Origin by, String losing, Origin losingBy) {}
