// The certified oidc-provider with one client; everybody who types a name is that person, and in the group `ml`.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const { packages, issuer, port, client } = JSON.parse(process.argv[2]);
const { Provider } = await import(pathToFileURL(createRequire(`${packages}/`).resolve('oidc-provider')));

const provider = new Provider(issuer, {
  clients: [client],
  cookies: { keys: ['only for tests'] },
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'], groups: ['groups'] },
  scopes: ['openid', 'profile', 'email', 'groups'],
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: id, email: `${id}@example.test`, email_verified: true, groups: ['ml'] }),
  }),
  features: { devInteractions: { enabled: true } },
});
provider.listen(port, '127.0.0.1', () => console.log('listening'));
