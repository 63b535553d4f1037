# One image, three ways to start it:
#   dotnet ActivityHub.Hub.dll        the whole product, or the roles that Roles names; migrates the ledger
#   dotnet ActivityHub.FeedApi.dll    phones write, readers read
#   dotnet ActivityHub.Workers.dll    verify, deliver, retry, expire

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source

# Node brings the map and the charts of the pages; without it they say what is missing.
RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm && rm -rf /var/lib/apt/lists/*

# Project files first: packages are restored anew only when one of these changes.
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src/Ledger/Ledger.csproj src/Ledger/packages.lock.json src/Ledger/
COPY src/Syndication/Syndication.csproj src/Syndication/packages.lock.json src/Syndication/
COPY src/Telemetry/Telemetry.csproj src/Telemetry/packages.lock.json src/Telemetry/
COPY src/Web/Web.csproj src/Web/packages.lock.json src/Web/
COPY src/FeedApi/FeedApi.csproj src/FeedApi/packages.lock.json src/FeedApi/
COPY src/Workers/Workers.csproj src/Workers/packages.lock.json src/Workers/
COPY src/Hub/Hub.csproj src/Hub/packages.lock.json src/Hub/
COPY migrations/Postgres/Postgres.csproj migrations/Postgres/packages.lock.json migrations/Postgres/
COPY migrations/Sqlite/Sqlite.csproj migrations/Sqlite/packages.lock.json migrations/Sqlite/
RUN dotnet restore src/Hub/Hub.csproj --locked-mode

COPY src src
COPY migrations migrations
# The pages carry the documentation.
COPY docs docs
RUN dotnet publish src/Hub/Hub.csproj -c Release --no-restore -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .

# activity-hub admin list, and the other commands.
RUN printf '#!/bin/sh\nexec dotnet /app/ActivityHub.Hub.dll "$@"\n' > /usr/local/bin/activity-hub && chmod +x /usr/local/bin/activity-hub

# The embedded database lives here when there is no ConnectionStrings__Ledger; mount a volume over it.
RUN mkdir -m 0700 /data && chown "$APP_UID" /data
VOLUME /data

ENV ASPNETCORE_HTTP_PORTS=8080 \
    Hub__DataDirectory=/data
EXPOSE 8080
USER $APP_UID

# Drains for 10 s; give it a little longer (docker stop --time 20).
STOPSIGNAL SIGTERM
ENTRYPOINT ["dotnet"]
CMD ["ActivityHub.Hub.dll"]
