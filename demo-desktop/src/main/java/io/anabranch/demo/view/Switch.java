// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import atlantafx.base.controls.ToggleSwitch;
import javafx.scene.AccessibleRole;
import javafx.scene.control.Tooltip;
import javafx.scene.input.KeyCode;
import javafx.scene.input.KeyEvent;

/** A switch that the space bar throws too, which the theme's own leaves to the mouse. */
final class Switch extends ToggleSwitch {
    /** @param meaning what it switches, for those who hover and those who listen */
    Switch(String meaning) {
        setAccessibleRole(AccessibleRole.TOGGLE_BUTTON);
        setAccessibleText(meaning);
        setTooltip(new Tooltip(meaning));
        addEventHandler(KeyEvent.KEY_PRESSED, event -> {
            if (event.getCode() == KeyCode.SPACE || event.getCode() == KeyCode.ENTER) {
                setSelected(!isSelected());
                event.consume();
            }
        });
    }
}
