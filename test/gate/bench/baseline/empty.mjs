// The floor of a cold load: a function that has nothing to load.
export async function handler() {
  return { statusCode: 200, body: '{}' }
}
