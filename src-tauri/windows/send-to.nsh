; Explorer's "Send to": it starts the program with the paths of what is chosen. Tauri's installer
; inserts these macros; what they name is defined there. An update leaves it as it is, or the entry
; that a user removed would come back.

!macro NSIS_HOOK_POSTINSTALL
  ${If} $UpdateMode <> 1
  ${AndIf} $NoShortcutMode <> 1
    CreateShortcut "$SENDTO\${PRODUCTNAME}.lnk" "$INSTDIR\${MAINBINARYNAME}.exe"
  ${EndIf}
!macroend

!macro NSIS_HOOK_POSTUNINSTALL
  ${If} $UpdateMode <> 1
    Delete "$SENDTO\${PRODUCTNAME}.lnk"
  ${EndIf}
!macroend
