import "./styles/app.css";
import { render } from "preact";
import { App } from "./app";
import { I18nProvider } from "./i18n";
import { applyTheme, storedTheme } from "./lib/theme";
import { SignInAgain } from "./pages/sign-in";
import { Router } from "./router";
import { SessionProvider } from "./session";
import { ToastProvider } from "./ui/feedback";

applyTheme(storedTheme());
const root = document.getElementById("app");
if (root) {
  render(
    <I18nProvider><Router><ToastProvider><SessionProvider><SignInAgain /><App /></SessionProvider></ToastProvider></Router></I18nProvider>,
    root,
  );
}
