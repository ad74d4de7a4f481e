// Every `methodArn` about which the authorizer decides nothing, made of a good stage's ARN and a path.

export const malformedMethodArns = (stageArn: string, path: string): readonly unknown[] => {
  const [partition = '', service = '', region = '', account = '', api = ''] = stageArn.split(/[:/]/).slice(1)
  const method = `POST${path}`
  return [
    undefined,
    null,
    1,
    '',
    '*',
    `arn:${partition}:${service}:*`,
    `arn:${partition}:${service}:*:*:*/*/*/*`,
    `arn:*:${service}:${region}:${account}:${api}/dev/${method}`,
    `arn:${partition}:lambda:${region}:${account}:${api}/dev/${method}`,
    `arn:${partition}:${service}:*:${account}:${api}/dev/${method}`,
    `arn:${partition}:${service}:${region}:*:${api}/dev/${method}`,
    `arn:${partition}:${service}:${region}:${account.slice(1)}:${api}/dev/${method}`,
    `arn:${partition}:${service}:${region}:${account}:*/dev/${method}`,
    `arn:${partition}:${service}:${region}:${account}:abc?ef1234/dev/${method}`,
    `arn:${partition}:${service}:${region}:${account}:${api}/*/${method}`,
    `arn:${partition}:${service}:${region}:${account}:${api}/d?v/${method}`,
    `arn:${partition}:${service}:${region}:${account}:${api}/\${stage}/${method}`,
    `arn:${partition}:${service}:${region}:${account}:${api}//${method}`,
    stageArn,
    `${stageArn}/POST`,
    `${stageArn}/*${path}`,
    `${stageArn}/post${path}`,
    `${stageArn}/POST/a b`,
    `${stageArn}/POST/a\n`,
    `${stageArn}/POST/\u0430dmin`,
    `${stageArn}/POST/${'x'.repeat(1_601)}`,
    `${stageArn}/${method}\n${stageArn}/POST/sample`,
    ` ${stageArn}/${method}`,
    `${stageArn.replace('arn:', 'ARN:')}/${method}`,
    [`${stageArn}/${method}`],
    { toString: () => `${stageArn}/${method}` },
    '${aws:x}',
  ]
}
