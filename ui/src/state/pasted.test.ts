import { expect, it } from "vitest";
import { takeApart } from "./pasted";

const ID = "LTAI5tExampleKeyWXYZ";
const SECRET = "abcdefghijKLMNOPQRST0123456789";
const AMAZON = { id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };

it.each([
  ["an address", " https://b.oss-cn-hangzhou.aliyuncs.com/a/ ", "https://b.oss-cn-hangzhou.aliyuncs.com/a/", "", ""],
  ["a region", "cn-hangzhou", "cn-hangzhou", "", ""],
  ["nothing", "  ", "", "", ""],
  ["a table of Alibaba Cloud", `AccessKey ID,AccessKey Secret\r\n${ID},${SECRET}\r\n`, "", ID, SECRET],
  ["lines with names", `accessKeyId: ${ID}\naccessKeySecret: ${SECRET}\nendpoint: https://oss-cn-beijing.aliyuncs.com`, "https://oss-cn-beijing.aliyuncs.com", ID, SECRET],
  ["a table of Amazon", `Access key ID,Secret access key\n${AMAZON.id},${AMAZON.secret}`, "", AMAZON.id, AMAZON.secret],
  ["a name alone", ID, "", ID, ""],
])("finds what is in %s", (_, text, address, accessKeyId, accessKeySecret) => {
  expect(takeApart(text)).toEqual({ address, accessKeyId, accessKeySecret });
});
