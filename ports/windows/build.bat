@echo off
rem build.bat [COMPILER]: builds rollcall.exe with nothing but gcc or clang (whichever is in PATH), no make needed.
rem The options are those of the Makefile; 'make lint' compares them. Everything that is made goes to build\windows.
setlocal
cd /d "%~dp0..\.."

set CC=%1
if not "%CC%"=="" goto found
for %%c in (gcc.exe clang.exe) do if not "%%~$PATH:c"=="" if not defined CC set CC=%%c
if defined CC goto found
echo There is no gcc or clang in PATH. Give the path of one: ports\windows\build.bat C:\path\to\gcc.exe
exit /b 1
:found

set OUT=build\windows
set PREFIX=vendor-
if not exist %OUT%\include mkdir %OUT%\include
if exist %OUT%\objects del %OUT%\objects
copy /y vendor\pcre2\src\pcre2.h.generic %OUT%\include\pcre2.h >nul
copy /y vendor\pcre2\src\pcre2_chartables.c.dist %OUT%\include\pcre2_chartables.c >nul

set FLAGS=-O2 -w -Ivendor/bearssl/inc -Ivendor/bearssl/src
call :folder vendor\bearssl\src
for /d %%d in (vendor\bearssl\src\*) do call :folder %%d

set FLAGS=-O2 -w -DPCRE2_CODE_UNIT_WIDTH=8 -DPCRE2_STATIC -DSUPPORT_UNICODE -DHEAP_LIMIT=8192
set FLAGS=%FLAGS% -DMATCH_LIMIT=1000000 -DMATCH_LIMIT_DEPTH=100000 -DPARENS_NEST_LIMIT=250
set FLAGS=%FLAGS% -DMAX_NAME_SIZE=32 -DMAX_NAME_COUNT=10000 -DLINK_SIZE=2 -DNEWLINE_DEFAULT=2
set FLAGS=%FLAGS% -I%OUT%/include -Ivendor/pcre2/src
for %%f in (vendor\pcre2\src\*.c) do if not %%~nf==pcre2_ucptables call :compile %%f
call :compile %OUT%\include\pcre2_chartables.c

set FLAGS=-O2 -w -DSQLITE_THREADSAFE=0 -DSQLITE_DEFAULT_MEMSTATUS=0 -DSQLITE_TEMP_STORE=1
set FLAGS=%FLAGS% -DSQLITE_MAX_MMAP_SIZE=0 -DSQLITE_DQS=0 -DSQLITE_DEFAULT_WAL_SYNCHRONOUS=1
set FLAGS=%FLAGS% -DSQLITE_LIKE_DOESNT_MATCH_BLOBS -DSQLITE_UNTESTABLE -DSQLITE_USE_URI=0
set FLAGS=%FLAGS% -DSQLITE_OMIT_AUTHORIZATION -DSQLITE_OMIT_COMPLETE -DSQLITE_OMIT_DECLTYPE
set FLAGS=%FLAGS% -DSQLITE_OMIT_DEPRECATED -DSQLITE_OMIT_DESERIALIZE -DSQLITE_OMIT_GET_TABLE
set FLAGS=%FLAGS% -DSQLITE_OMIT_INCRBLOB -DSQLITE_OMIT_JSON -DSQLITE_OMIT_LOAD_EXTENSION
set FLAGS=%FLAGS% -DSQLITE_OMIT_LOCALTIME -DSQLITE_OMIT_PROGRESS_CALLBACK -DSQLITE_OMIT_SHARED_CACHE
set FLAGS=%FLAGS% -DSQLITE_OMIT_TCL_VARIABLE -DSQLITE_OMIT_TRACE -DSQLITE_OMIT_UTF16
call :compile vendor\sqlite\sqlite3.c

set PREFIX=
set FLAGS=-O2 -std=c99 -Wall -Wextra -pedantic -D_WIN32_WINNT=0x0600 -D__USE_MINGW_ANSI_STDIO=1
set FLAGS=%FLAGS% -Isrc -I%OUT%/include -Ivendor/bearssl/inc -Ivendor/jsmn -Ivendor/sqlite
set FLAGS=%FLAGS% -DPCRE2_CODE_UNIT_WIDTH=8 -DPCRE2_STATIC
call :compile src\main.c
for /d %%d in (src\*) do call :folder %%d
call :folder ports\windows

if defined FAILED echo %FAILED% did not compile.
if defined FAILED exit /b 1
echo link rollcall.exe
%CC% -o rollcall.exe @%OUT%\objects -lws2_32 -lcrypt32 -ladvapi32 -lpsapi -lshell32
exit /b %ERRORLEVEL%

rem folder FOLDER: compiles each file in it.
:folder
for %%f in (%1\*.c) do call :compile %%f
exit /b 0

rem compile FILE: to an object named after its base name, which is unique among ours and among the vendored.
:compile
if defined FAILED exit /b 1
echo cc %1
%CC% %FLAGS% -c -o %OUT%\%PREFIX%%~n1.o %1
if errorlevel 1 set FAILED=%1
echo %OUT:\=/%/%PREFIX%%~n1.o>>%OUT%\objects
exit /b 0
