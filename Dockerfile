# The image of the operator and of the gateway (which is started as /app/AiDc.Gateway). With Docker: docker build -t aidc-operator .
# Where no registry is reached, hack/image.sh publishes outside and names the folder as the build context `published`,
# which then takes the place of the stage of that name, and another BASE.
ARG BASE=mcr.microsoft.com/dotnet/aspnet:10.0
ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0

FROM ${SDK} AS published
COPY . /src
RUN /src/hack/publish.sh operator /image

FROM ${BASE}
COPY --from=published /image/app /app
WORKDIR /app
# The file system may be read-only: the runtime is to open no diagnostic socket in /tmp.
ENV DOTNET_EnableDiagnostics=0 PATH=/app:$PATH
USER 10001:10001
EXPOSE 8080 8081 8443 9090
ENTRYPOINT ["/app/AiDc.Operator"]
