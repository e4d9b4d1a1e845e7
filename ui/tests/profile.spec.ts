//! The form of a profile: what it asks for, what is wrong with it, and what becomes of it.

import { type Window, expect, test } from "./support/window";
import type { Store } from "./support/host";

/** Fills in what a new profile for a store needs, the address by pasting a whole URL. */
async function fillIn(window: Window, store: Store, secret = store.accessKeySecret): Promise<void> {
  await window.profiles("New profile…");
  await window.field("Name").fill("Harbour");
  await window.field("Endpoint or region").fill(`${store.endpoint}/${store.bucket}/inbox/`);
  await window.field("Endpoint or region").blur();
  await expect(window.field("Bucket")).toHaveValue(store.bucket);
  await window.field("AccessKey ID").fill(store.accessKeyId);
  await window.field("AccessKey secret").fill(secret);
  await window.field("Region").fill(store.region);
}

test("a pasted URL, a key, and the first file is there", async ({ window }) => {
  const { page, host } = window;
  await fillIn(window, await host.store());
  await window.button("Test connection").click();
  await expect(page.getByText(/^An upload to .* was begun and taken back/)).toBeVisible();
  await window.button("Save").click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(window.destination).toContainText("Harbour");
  await host.drop(await host.file("a.txt", "a"));
  await window.sees("a.txt", "Done");
  await expect(window.row("a.txt")).toContainText("oss://media-archive/inbox/");
  expect(await page.content()).not.toContain("inbox/?");
});

test("a wrong secret is told of by the test, before anything is saved", async ({ window }) => {
  const { page, host } = window;
  await fillIn(window, await host.store(), "not the secret");
  await window.button("Test connection").click();
  await expect(page.getByText("The AccessKey secret is wrong.")).toBeVisible();
  await window.dialog("New profile").press("Escape");
  await expect(window.destination).toContainText("Practice bucket");
});

test("begins with bucket and key alone, and leads to what has to be corrected", async ({
  window,
}) => {
  const { page, host } = window;
  await window.profile(await host.store());
  await window.profiles("Edit…");
  await expect(page.getByRole("tab", { name: "Bucket and key" })).toHaveAttribute(
    "aria-selected",
    "true",
  );
  await expect(window.field("Key template")).toHaveCount(0);
  await page.getByRole("tab", { name: "Names" }).click();
  await window.field("Key template").fill("{yyyy}");
  await page.getByRole("tab", { name: "Bucket and key" }).click();
  await window.button("Save").click();
  await expect(page.getByRole("tab", { name: "Names has a problem" })).toHaveAttribute(
    "aria-selected",
    "true",
  );
  await expect(window.field("Key template")).toBeFocused();
  await expect(page.getByRole("tabpanel")).toContainText("It needs {name}, {stem} or {hash8}");
});

test("a field of the template goes where the caret stands, and is shown", async ({ window }) => {
  const { page, host } = window;
  await window.profile(await host.store());
  await window.profiles("Edit…");
  await page.getByRole("tab", { name: "Names" }).click();
  const template = window.field("Key template");
  await template.evaluate((field: HTMLInputElement) => {
    field.setSelectionRange(8, 8);
  });
  await page.getByRole("button", { name: /^\{yyyy\}/ }).click();
  await expect(template).toHaveValue("{prefix}{yyyy}{dir}{name}");
  expect(await template.evaluate((field: HTMLInputElement) => field.selectionStart)).toBe(14);
  await expect(
    page.getByText(new RegExp(`→ 2026/${String(new Date().getUTCFullYear())}`)),
  ).toBeVisible();
});

test("what to know of an address is said although nothing is wrong with it", async ({ window }) => {
  const { page } = window;
  await window.profiles("New profile…");
  await window.field("Endpoint or region").fill("oss-cn-hangzhou-internal.aliyuncs.com");
  await window.field("Endpoint or region").blur();
  await expect(
    page.getByText("This endpoint can be reached from inside Alibaba Cloud only."),
  ).toBeVisible();
});

test("no field is shown that the dialect does not have", async ({ window }) => {
  const { page } = window;
  await window.profiles("New profile…");
  await page.getByRole("tab", { name: "Objects" }).click();
  await expect(window.field("Callback URL")).toBeVisible();
  await page.getByRole("tab", { name: "Bucket and key" }).click();
  await window.field("Provider").selectOption("S3-compatible");
  await page.getByRole("tab", { name: "Objects" }).click();
  await expect(window.field("Callback URL")).toHaveCount(0);
  await window.field("Storage class").selectOption("Another…");
  await window.field("Class, as the store names it").fill("MY_CLASS");
  await page.getByRole("tab", { name: "Bucket and key" }).click();
  await page.getByRole("tab", { name: "Objects" }).click();
  await expect(window.field("Class, as the store names it")).toHaveValue("MY_CLASS");
});

test("other tools' keys are looked for when asked, and taken over by number", async ({
  window,
}) => {
  const { page, host } = window;
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await host.ossutil("canary-secret");
  await host.file(
    ".aliyun/config.json",
    JSON.stringify({
      current: "ecs",
      profiles: [
        { name: "ecs", mode: "EcsRamRole", ram_role_name: "writer", region_id: "cn-hangzhou" },
      ],
    }),
  );
  await window.profiles("New profile…");
  await expect(window.button("Import keys from another tool…")).toBeVisible();
  expect(asked.filter((url) => url.endsWith("find_imports"))).toEqual([]);
  await window.button("Import keys from another tool…").click();
  const dialog = window.dialog("Import keys from another tool");
  await expect(dialog.getByRole("radio", { name: /comes from the machine/ })).toBeDisabled();
  await expect(dialog.getByRole("radio", { name: /LTAI…WXYZ/ })).toBeChecked();
  await dialog.getByRole("button", { name: "Import" }).click();
  await expect(page.getByText(/^AccessKey LTAI…WXYZ from .*\.ossutilconfig$/)).toBeVisible();
  await expect(window.field("AccessKey secret")).toHaveCount(0);
  await window.field("Bucket").fill("film");
  const saving = page.waitForRequest("**/host/invoke/save_profile");
  await window.button("Save").click();
  const sent = (await saving).postDataJSON() as { secrets: { key: unknown } };
  expect(sent.secrets.key).toEqual({ type: "imported", id: 0 });
  await expect(page.getByRole("dialog")).toHaveCount(0);
  expect(await page.content()).not.toContain("canary");
});

test("a proxy is asked for only where it is named by hand", async ({ window }) => {
  const { page, host } = window;
  await window.profile(await host.store());
  await window.profiles("Edit…");
  await page.getByRole("tab", { name: "Connection" }).click();
  const proxy = window.field("Proxy");
  expect(await proxy.getByRole("option").allTextContents()).toEqual([
    "As in Settings",
    "As the system says",
    "No proxy",
    "Manual",
  ]);
  await expect(window.field("Server")).toHaveCount(0);
  await proxy.selectOption("Manual");
  await window.field("Server").fill("ftp://proxy");
  await page.getByRole("tab", { name: "Bucket and key" }).click();
  await window.button("Save").click();
  await expect(page.getByRole("tab", { name: "Connection has a problem" })).toHaveAttribute(
    "aria-selected",
    "true",
  );
  await expect(page.getByRole("tabpanel")).toContainText(
    "A server, as http://proxy.example.com:3128",
  );
  await window.field("Server").fill("socks5h://proxy:1080");
  await window.field("User").fill("lin");
  await window.field("Password").fill("canary");
  await window.button("Save").click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.reload();
  await window.profiles("Edit…");
  await page.getByRole("tab", { name: "Connection" }).click();
  await expect(window.field("Server")).toHaveValue("socks5h://proxy:1080");
  await expect(window.field("Password")).toHaveValue("");
});

test("a limit by the hour is kept, and what is wrong with it is said in its section", async ({
  window,
}) => {
  const { page, host } = window;
  await window.profile(await host.store());
  await window.profiles("Edit…");
  await page.getByRole("tab", { name: "Connection" }).click();
  await window.field("Speed limit").fill("4");
  await window.button("Add hours").click();
  await window.field("From").fill("08:00");
  await page.getByRole("tab", { name: "Bucket and key" }).click();
  await window.button("Save").click();
  await expect(page.getByRole("tabpanel")).toContainText("Times as 08:00 that do not overlap");
  await window.field("To").fill("19:00");
  await window.field("Speed limit (MiB/s)").fill("512 KiB/s");
  await window.button("Save").click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.reload();
  await window.profiles("Edit…");
  await page.getByRole("tab", { name: "Connection" }).click();
  await expect(window.field("Speed limit (MiB/s)")).toHaveValue("0.5");
});

test("profiles are chosen, copied and deleted", async ({ window }) => {
  const { host } = window;
  await window.profile(await host.store());
  await window.profiles("Duplicate");
  await window.sidebar.getByRole("button", { name: /^Media archive \(2\)/ }).click();
  await expect(window.destination).toContainText("Media archive (2)");
  await window.profiles("Delete…");
  await window
    .dialog("Delete “Media archive (2)”?")
    .getByRole("button", { name: "Delete profile" })
    .click();
  await expect(window.destination).not.toContainText("Media archive (2)");
  await expect(window.sidebar.getByRole("button", { name: /oss:\/\// })).toHaveCount(2);
});

test("the practice bucket's form holds no network", async ({ window }) => {
  const { page } = window;
  await window.profiles("Edit…");
  await expect(page.getByRole("tab", { name: "Names" })).toBeVisible();
  await expect(page.getByRole("tab", { name: "Connection" })).toHaveCount(0);
});

test.describe("without a keyring", () => {
  test.use({ keyring: "absent" });

  test("the key is offered to last for this run", async ({ window }) => {
    const { page, host } = window;
    await fillIn(window, await host.store());
    await window.button("Save").click();
    await expect(page.getByText("The profile is saved, its AccessKey is not.")).toBeVisible();
    await window.button("Use for this run only").click();
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await host.drop(await host.file("a.txt", "a"));
    await window.sees("a.txt", "Done");
    await expect(window.sidebar.getByRole("button", { name: /^Harbour/ })).toContainText(
      "AccessKey kept until Ferry ends",
    );
  });

  test("no other place is offered where the proxy's password alone is not kept", async ({
    window,
  }) => {
    const { page, host } = window;
    const store = await host.store();
    await fillIn(window, store);
    await window.button("Save").click();
    await window.button("Use for this run only").click();
    await expect(window.destination).toContainText("Harbour");
    await window.profiles("Edit…");
    await page.getByRole("tab", { name: "Connection" }).click();
    await window.field("Proxy").selectOption("Manual");
    await window.field("Server").fill("lin@proxy");
    await window.field("Password").fill("canary");
    await window.button("Save").click();
    await expect(
      page.getByText("The profile is saved, the proxy's password is not."),
    ).toBeVisible();
    await expect(window.button("Use for this run only")).toHaveCount(0);
  });
});
